using Coco.Crypto;

namespace Coco.Tunnels;

/// <summary>A service of a peer's, opened at a local end. It stays when the peer goes: what is connected then is reset, and new connections find it
/// again once it is back. Disposing of it closes the local end, and its connections.</summary>
public sealed class Tunnel : IAsyncDisposable
{
    private readonly ILocalEnd _local;

    internal Tunnel(NodeId node, string service, ILocalEnd local) => (Node, Service, _local) = (node, service, local);

    /// <summary>Whose service it is.</summary>
    public NodeId Node { get; }

    /// <summary>The service's name.</summary>
    public string Service { get; }

    /// <summary>Where programs of this machine reach it, with the port that the system chose.</summary>
    public TunnelEnd LocalEnd => _local.End;

    /// <summary>What went through it.</summary>
    public TunnelStatistics Statistics => _local.Statistics;

    /// <summary>Why the newest connection that failed did; null when none has.</summary>
    public CocoException? LastFailure => _local.LastFailure;

    /// <summary>Closes it. Twice is safe.</summary>
    public ValueTask DisposeAsync() => _local.DisposeAsync();
}
