using System.Net;
using Coco.Interop.Tests.Network;
using Coco.Interop.Tests.Processes;
using Coco.Quic.Connections;

namespace Coco.Interop.Tests.Quiche;

/// <summary>What tests against quiche have in common. It is slow as shipped, 9 Mb/s, so transfers are small.</summary>
public abstract class QuicheTest : IDisposable
{
    /// <summary>Handshakes to try over a bad network.</summary>
    protected static readonly int Attempts = Needs.All ? 50 : 4;

    /// <summary>Of these, how many have to complete. The others stop at quiche's idle timeout of 30 s (docs/interop.md says what is known).</summary>
    protected static readonly int LeastCompleted = Needs.All ? 40 : 1;

    // A little more than quiche's idle timeout.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(35);

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
        var problem = TryServe(server, streams, bytes, out var connection, through, meanwhile);
        Assert.True(problem is null, problem);
        return connection!;
    }

    /// <summary>The same; returns what went wrong, null when nothing did.</summary>
    private protected static string? TryServe(
        OurEnd server, int streams, int bytes, out QuicConnection? connection, IPEndPoint? through = null, Action<QuicConnection>? meanwhile = null)
    {
        using var client = QuichePeer.Client(through ?? new(IPAddress.Loopback, server.Port), streams, bytes);
        connection = null;
        EchoServer? echo = null;
        var deadline = Deadline.In(Limit);
        while (!client.HasExited && !deadline.IsOver)
        {
            server.Host.Poll(TimeSpan.FromMilliseconds(5));
            if (connection is null && server.Host.Endpoint.TryAccept(out connection)) { echo = new(connection); }
            if (connection is null) { continue; }
            echo!.Run();
            meanwhile?.Invoke(connection);
        }
        var isDone = client.HasExited && client.ExitCode == 0 && connection is not null;
        return isDone ? null : $"{connection?.State} {connection?.CloseReason} {connection?.Statistics}\n{client.Output}";
    }

    /// <summary>Our client sends bytes on streams and gets them back from quiche's server.</summary>
    private protected static QuicConnection Call(
        OurEnd client, IPEndPoint server, ForeignProcess process, int streams, int bytes, Action<QuicConnection>? meanwhile = null)
    {
        var problem = TryCall(client, server, process, streams, bytes, out var connection, meanwhile);
        Assert.True(problem is null, problem);
        return connection;
    }

    /// <summary>The same; returns what went wrong, null when nothing did.</summary>
    private protected static string? TryCall(
        OurEnd client, IPEndPoint server, ForeignProcess process, int streams, int bytes, out QuicConnection connection, Action<QuicConnection>? meanwhile = null)
    {
        var sent = new byte[bytes];
        new Random(bytes).NextBytes(sent);
        connection = client.Connect(server);
        var echo = new EchoClient(connection, sent, streams);
        var deadline = Deadline.In(Limit);
        while (echo.Echoed < streams && connection.State < ConnectionState.Closing && !deadline.IsOver)
        {
            client.Host.Poll(TimeSpan.FromMilliseconds(5));
            echo.Run();
            meanwhile?.Invoke(connection);
        }
        return echo.Echoed == streams
            ? null
            : $"{echo.Echoed} of {streams}: {connection.State} {connection.CloseReason} {connection.Statistics}\n{process.Output}";
    }
}
