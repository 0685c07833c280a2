using System.Buffers.Binary;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using Coco.Tunnels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Coco.Scenarios.Tests.Tunnels;

/// <summary>A web server with files of any size, made while they are sent, and an echo of web sockets.</summary>
internal sealed class LabWebServer : IAsyncDisposable
{
    private const int BlockLength = 1 << 20;

    private readonly WebApplication _app;

    private LabWebServer(WebApplication app) => _app = app;

    public TunnelEnd End =>
        TunnelEnd.Tcp(new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port);

    public static async Task<LabWebServer> StartAsync(HttpProtocols protocols = HttpProtocols.Http1)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            // What is tested is that bytes come, not that they come fast on a busy machine.
            (options.Limits.MinRequestBodyDataRate, options.Limits.MinResponseDataRate) = (null, null);
            options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols);
        });
        var app = builder.Build();
        app.UseWebSockets();
        app.MapGet("/file/{megabytes:int}", SendFileAsync);
        app.Map("/echo", EchoAsync);
        await app.StartAsync();
        return new(app);
    }

    /// <summary>The SHA-256 of files that were sent one after the other.</summary>
    public static string HashOf(params ReadOnlySpan<int> megabytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var size in megabytes)
        {
            foreach (var block in BlocksOf(size)) { hash.AppendData(block); }
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    // No block is like another, so that one in the wrong place is noticed.
    private static IEnumerable<byte[]> BlocksOf(int megabytes)
    {
        var block = new byte[BlockLength];
        new Random(megabytes).NextBytes(block);
        for (var i = 0; i < megabytes; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(block, i);
            yield return block;
        }
    }

    private static async Task SendFileAsync(HttpContext context, int megabytes)
    {
        context.Response.ContentLength = (long)megabytes * BlockLength;
        foreach (var block in BlocksOf(megabytes)) { await context.Response.Body.WriteAsync(block, context.RequestAborted); }
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
