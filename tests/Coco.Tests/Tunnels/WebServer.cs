using System.Net;
using System.Net.WebSockets;
using Coco.Tunnels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Coco.Tests.Tunnels;

/// <summary>A web server on loopback, which says hello, has a file of any size, and echoes web sockets.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebServer(WebApplication app) => _app = app;

    public TunnelEnd End =>
        TunnelEnd.Tcp(new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port);

    public static async Task<WebServer> StartAsync(HttpProtocols protocols = HttpProtocols.Http1)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        var app = builder.Build();
        app.UseWebSockets();
        app.MapGet("/hello", (HttpContext context) => $"hello over {context.Request.Protocol} as {context.Request.Host.Host}");
        app.MapGet("/file/{length:int}", SendFileAsync);
        app.Map("/echo", EchoAsync);
        await app.StartAsync();
        return new(app);
    }

    /// <summary>The bytes of a file, always the same.</summary>
    public static byte[] FileOf(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task SendFileAsync(HttpContext context, int length)
    {
        context.Response.ContentLength = length;
        await context.Response.Body.WriteAsync(FileOf(length), context.RequestAborted);
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[64 * 1024];
        while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } part)
        {
            await socket.SendAsync(buffer.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, context.RequestAborted);
        }
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
    }
}
