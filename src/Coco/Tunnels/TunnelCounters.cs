namespace Coco.Tunnels;

/// <summary>Counts for <see cref="TunnelStatistics"/>; from any thread.</summary>
internal sealed class TunnelCounters
{
    private long _connections;
    private long _refused;
    private long _toPeers;
    private long _fromPeers;
    private long _lost;

    /// <summary>Why the newest that failed did.</summary>
    public CocoException? LastFailure { get; private set => Volatile.Write(ref field, value); }

    public void AddConnection() => Interlocked.Increment(ref _connections);

    public void AddRefused(CocoException? failure)
    {
        Interlocked.Increment(ref _refused);
        if (failure is not null) { LastFailure = failure; }
    }

    /// <summary>One that was let in ended with a failure.</summary>
    public void Note(CocoException failure) => LastFailure = failure;

    public void AddToPeer(int bytes) => Interlocked.Add(ref _toPeers, bytes);

    public void AddFromPeer(int bytes) => Interlocked.Add(ref _fromPeers, bytes);

    public void AddLost() => Interlocked.Increment(ref _lost);

    public TunnelStatistics Read(int active) => new(
        Interlocked.Read(ref _connections), active, Interlocked.Read(ref _refused), Interlocked.Read(ref _toPeers), Interlocked.Read(ref _fromPeers), Interlocked.Read(ref _lost));
}
