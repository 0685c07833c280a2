using Coco.Telemetry;
using Microsoft.Extensions.Logging;

namespace Coco.Tunnels;

/// <summary>Counts for <see cref="TunnelStatistics"/> and the meter, and tells what goes wrong; from any thread.</summary>
/// <param name="logger">Where that is told.</param>
/// <param name="place">What is counted.</param>
/// <param name="isServed">Whether services of this node's are used, not those of others.</param>
internal sealed class TunnelCounters(ILogger logger, string place, bool isServed)
{
    private long _connections;
    private long _refused;
    private long _toPeers;
    private long _fromPeers;
    private long _lost;

    public bool IsServed => isServed;

    /// <summary>Why the newest that failed did.</summary>
    public CocoException? LastFailure { get; private set => Volatile.Write(ref field, value); }

    public void AddConnection()
    {
        Interlocked.Increment(ref _connections);
        TunnelMetrics.LetIn(isServed);
    }

    public void AddRefused(CocoException? failure)
    {
        Interlocked.Increment(ref _refused);
        TunnelMetrics.TurnedAway(isServed);
        if (failure is null) { return; }
        LastFailure = failure;
        logger.Refused(place, failure.Message);
    }

    /// <summary>One that was let in ended with a failure.</summary>
    public void Note(CocoException failure)
    {
        LastFailure = failure;
        logger.BrokeOff(place, failure.Message);
    }

    /// <summary>The media of one could not be carried as was wanted.</summary>
    public void NoteMedia(CocoException failure)
    {
        LastFailure = failure;
        logger.MediaRefused(place, failure.Message);
    }

    public void AddToPeer(int bytes)
    {
        Interlocked.Add(ref _toPeers, bytes);
        TunnelMetrics.Sent(isServed, bytes);
    }

    public void AddFromPeer(int bytes)
    {
        Interlocked.Add(ref _fromPeers, bytes);
        TunnelMetrics.Received(isServed, bytes);
    }

    public void AddLost()
    {
        Interlocked.Increment(ref _lost);
        TunnelMetrics.LostOne(isServed);
    }

    public TunnelStatistics Read(int active) => new(
        Interlocked.Read(ref _connections), active, Interlocked.Read(ref _refused), Interlocked.Read(ref _toPeers), Interlocked.Read(ref _fromPeers), Interlocked.Read(ref _lost));
}
