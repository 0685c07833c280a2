using System.Net;
using System.Security.Cryptography;
using Coco.Interop.Tests.Http3;
using Coco.Interop.Tests.Network;
using Coco.Interop.Tests.Processes;
using Coco.Quic.Connections;

namespace Coco.Interop.Tests.Ngtcp2;

/// <summary>What tests against ngtcp2 have in common: a certificate, a folder, and a transfer that is checked by its SHA-256.</summary>
public abstract class Ngtcp2Test : IDisposable
{
    protected const string Alpn = "h3";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coco-ngtcp2");

    protected Ngtcp2Test() => Gtls.SkipIfMissing();

    private protected TestCertificate Certificate { get; } = new();

    protected string Folder => _folder.FullName;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected static byte[] SomeBytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    protected virtual void Dispose(bool disposing)
    {
        Certificate.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>gtlsclient gets a resource of ours. Returns our side of the connection, which is then over or idle.</summary>
    private protected QuicConnection ServeOne(OurEnd server, byte[] body, TimeSpan limit, IPEndPoint? through = null,
        Action<QuicConnection>? meanwhile = null, params string[] more)
    {
        using var client = Gtls.Client(through ?? new(IPAddress.Loopback, server.Port), Folder, more);
        var connection = server.Accept(limit, () => client.Output);
        var http = new Http3Server(connection, body);
        server.RunUntil(
            () =>
            {
                http.Run();
                meanwhile?.Invoke(connection);
                return client.HasExited;
            },
            limit,
            () => $"{connection.State} {connection.CloseReason} {connection.Statistics} served {http.Served}\n{client.Output}");
        Assert.True(client.ExitCode == 0, client.Output);
        using var file = File.OpenRead(Path.Combine(Folder, "file"));
        Assert.Equal(SHA256.HashData(body), SHA256.HashData(file));
        return connection;
    }

    /// <summary>Our client gets a file of gtlsserver's over a connection that it opens.</summary>
    private protected QuicConnection GetOne(OurEnd client, IPEndPoint server, ForeignProcess process, byte[] body, TimeSpan limit, Action<QuicConnection>? meanwhile = null)
    {
        File.WriteAllBytes(Path.Combine(Folder, "file"), body);
        var connection = client.Connect(server);
        using var http = new Http3Client(connection);
        var response = http.Get("/file");
        client.RunUntil(
            () =>
            {
                http.Run();
                meanwhile?.Invoke(connection);
                return response.IsComplete || connection.State >= ConnectionState.Closing;
            },
            limit,
            () => $"{connection.State} {connection.CloseReason} {connection.Statistics} body {response.BodyLength}\n{process.Output}");
        Assert.True(connection.State == ConnectionState.Connected, $"{connection.CloseReason}\n{process.Output}");
        Assert.True(response.IsOk);
        Assert.Equal(body.Length, response.BodyLength);
        Assert.Equal(SHA256.HashData(body), response.TakeHash());
        return connection;
    }
}
