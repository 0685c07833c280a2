using System.Net;
using Coco.Interop.Tests.Network;
using Coco.Interop.Tests.Processes;
using Coco.Quic.Connections;

namespace Coco.Interop.Tests.Quiche;

/// <summary>What tests against quiche have in common. It is slow as shipped, 9 Mb/s, so transfers are small.</summary>
public abstract class QuicheTest : IDisposable
{
    protected static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    protected QuicheTest() => QuichePeer.SkipIfMissing();

    private protected TestCertificate Certificate { get; } = new();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => Certificate.Dispose();

    /// <summary>quiche's client sends bytes on streams, gets them back from our server, and ends well.</summary>
    private protected static QuicConnection Serve(OurEnd server, int streams, int bytes, IPEndPoint? through = null, Action<QuicConnection>? meanwhile = null)
    {
        using var client = QuichePeer.Client(through ?? new(IPAddress.Loopback, server.Port), streams, bytes);
        var connection = server.Accept(Lossy.Limit, () => client.Output);
        var echo = new EchoServer(connection);
        server.RunUntil(
            () =>
            {
                echo.Run();
                meanwhile?.Invoke(connection);
                return client.HasExited;
            },
            Lossy.Limit,
            () => $"{connection.State} {connection.CloseReason} {connection.Statistics}\n{client.Output}");
        Assert.True(client.ExitCode == 0, $"{connection.CloseReason}\n{client.Output}");
        return connection;
    }

    /// <summary>Our client sends bytes on streams and gets them back from quiche's server.</summary>
    private protected static QuicConnection Call(
        OurEnd client, IPEndPoint server, ForeignProcess process, int streams, int bytes, Action<QuicConnection>? meanwhile = null)
    {
        var sent = new byte[bytes];
        new Random(bytes).NextBytes(sent);
        var connection = client.Connect(server);
        var echo = new EchoClient(connection, sent, streams);
        client.RunUntil(
            () =>
            {
                echo.Run();
                meanwhile?.Invoke(connection);
                return echo.Echoed == streams || connection.State >= ConnectionState.Closing;
            },
            Lossy.Limit,
            () => $"{echo.Echoed} of {streams}: {connection.State} {connection.CloseReason} {connection.Statistics}\n{process.Output}");
        Assert.True(echo.Echoed == streams, $"{connection.CloseReason}\n{process.Output}");
        return connection;
    }
}
