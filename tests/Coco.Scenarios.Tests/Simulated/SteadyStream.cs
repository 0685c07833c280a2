using Coco.Lab.Simulated;
using Coco.Traversal.Roaming;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>An application that writes a little at a steady pace, so that every gap in delivery shows.</summary>
internal sealed class SteadyStream
{
    private readonly RoamingPeer _peer;
    private readonly RoamingConnection _connection;
    private readonly TimeSpan _interval;
    private readonly byte[] _chunk;
    private readonly long _id;
    private bool _isEnding;

    public SteadyStream(RoamingPeer peer, RoamingConnection connection, TimeSpan? interval = null, int length = 200)
    {
        (_peer, _connection, _interval, _chunk) = (peer, connection, interval ?? TimeSpan.FromMilliseconds(20), new byte[length]);
        Assert.True(connection.Quic!.TryOpenStream(bidirectional: false, out _id), "no stream to be had");
        Tick();
    }

    private SimulatedInternet Internet => _peer.Node.Host.Internet;

    public long Written { get; private set; }

    /// <summary>The next write is the last.</summary>
    public void End() => _isEnding = true;

    private void Tick()
    {
        if (_connection.State is RoamingState.Closed) { return; }
        var isLast = _isEnding;
        _peer.Node.Act(now =>
        {
            _connection.HandleWrite(now);
            StreamPattern.Fill(_chunk, Written);
            _connection.Quic!.Write(_id, _chunk, isLast, out var written);
            Written += written;
            isLast &= written == _chunk.Length;
        });
        if (!isLast) { Internet.After(_interval, Tick); }
    }
}
