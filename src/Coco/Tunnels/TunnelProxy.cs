namespace Coco.Tunnels;

/// <summary>A local end for all services of the network at once, by names as <c>service.node.network.coco</c>: a proxy for SOCKS 5 and HTTP on one
/// port. Disposing of it closes it, and its connections.</summary>
public sealed class TunnelProxy : IAsyncDisposable
{
    private readonly LocalListener _local;

    internal TunnelProxy(LocalListener local) => _local = local;

    /// <summary>Where programs of this machine reach it, with the port that the system chose.</summary>
    public TunnelEnd LocalEnd => _local.End;

    /// <summary>What went through it.</summary>
    public TunnelStatistics Statistics => _local.Statistics;

    /// <summary>Why the newest connection that failed did; null when none has.</summary>
    public CocoException? LastFailure => _local.LastFailure;

    /// <summary>Closes it. Twice is safe.</summary>
    public ValueTask DisposeAsync() => _local.DisposeAsync();
}
