using System.Net;
using Coco.Crypto;
using Coco.Quic;
using Coco.Quic.Connections;
using Coco.Transport;

namespace Coco.Benchmarks.Quic;

/// <summary>The calling process of a benchmark: one host and as many connections as asked.</summary>
internal sealed class ClientEnd : IDisposable
{
    private const int AtATime = 32; // handshakes under way at once

    private readonly IdentityKey _server = IdentityKey.FromSeed([.. Enumerable.Repeat((byte)7, 32)]);
    private readonly IdentityKey _key = IdentityKey.FromSeed([.. Enumerable.Repeat((byte)9, 32)]);
    private readonly IPEndPoint _remote;

    public ClientEnd(string[] args, QuicOptions options)
    {
        _remote = IPEndPoint.Parse(args[0] + ":" + args[1]);
        Host = new QuicHost(new IPEndPoint(IPAddress.Any, 0), new EndpointOptions { Identities = [_key], AcceptConnections = false, Connection = options });
    }

    public QuicHost Host { get; }

    public List<QuicConnection> Open(int count)
    {
        var open = new List<QuicConnection>(count);
        var pending = new List<QuicConnection>(AtATime);
        while (open.Count < count)
        {
            while (pending.Count < AtATime && open.Count + pending.Count < count)
            {
                pending.Add(Host.Endpoint.Connect(Host.PathTo(_remote), new(_server.Id, _key), Host.Now));
            }
            Host.Poll(TimeSpan.FromMilliseconds(10));
            for (var i = pending.Count - 1; i >= 0; i--)
            {
                var connection = pending[i];
                if (connection.State == ConnectionState.Handshaking) { continue; }
                if (connection.State != ConnectionState.Connected) { throw new InvalidOperationException($"no connection: {connection.CloseReason}"); }
                pending.RemoveAt(i);
                open.Add(connection);
            }
        }
        Settle(TimeSpan.FromMilliseconds(300));
        foreach (var connection in open)
        {
            while (connection.TryTakeEvent(out _)) { }
        }
        return open;
    }

    public void OpenAndClose(int count)
    {
        var pending = new List<QuicConnection>(AtATime);
        for (var done = 0; done < count;)
        {
            while (pending.Count < AtATime && done + pending.Count < count)
            {
                pending.Add(Host.Endpoint.Connect(Host.PathTo(_remote), new(_server.Id, _key), Host.Now));
            }
            Host.Poll(TimeSpan.FromMilliseconds(10));
            for (var i = pending.Count - 1; i >= 0; i--)
            {
                var connection = pending[i];
                if (connection.State == ConnectionState.Handshaking) { continue; }
                if (connection.State != ConnectionState.Connected) { throw new InvalidOperationException($"no connection: {connection.CloseReason}"); }
                pending.RemoveAt(i);
                connection.Close(0, "", Host.Now);
                Host.Flush();
                connection.Dispose();
                done++;
            }
        }
    }

    /// <summary>Lets what is under way come to rest.</summary>
    public void Settle(TimeSpan time)
    {
        var end = Host.Now + time;
        while (Host.Now < end) { Host.Poll(TimeSpan.FromMilliseconds(10)); }
    }

    public void Dispose()
    {
        Host.Dispose();
        _server.Dispose();
        _key.Dispose();
    }
}
