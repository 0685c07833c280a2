using System.Buffers.Binary;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
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
    private readonly X509Certificate2? _certificate;

    private LabWebServer(WebApplication app, X509Certificate2? certificate) => (_app, _certificate) = (app, certificate);

    public TunnelEnd End =>
        TunnelEnd.Tcp(new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port);

    /// <summary>What a client of TLS has to trust.</summary>
    public string CertificatePem => _certificate!.ExportCertificatePem();

    public static async Task<LabWebServer> StartAsync(HttpProtocols protocols = HttpProtocols.Http1, bool hasTls = false)
    {
        var certificate = hasTls ? MakeCertificate() : null;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            // What is tested is that bytes come, not that they come fast on a busy machine.
            (options.Limits.MinRequestBodyDataRate, options.Limits.MinResponseDataRate) = (null, null);
            options.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = protocols;
                if (certificate is not null) { listen.UseHttps(certificate); }
            });
        });
        var app = builder.Build();
        app.UseWebSockets();
        app.MapGet("/file/{megabytes:int}", SendFileAsync);
        app.Map("/echo", EchoAsync);
        await app.StartAsync();
        return new(app, certificate);
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

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate?.Dispose();
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=lab", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }

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
