using Coco.Tunnels.Rtsp;

namespace Coco.Tunnels;

/// <summary>A service of this node's that others may reach by its name. Disposing of it ends the offer, and its connections.</summary>
public sealed class PublishedService : IAsyncDisposable
{
    private readonly NodeTunnels _tunnels;

    internal PublishedService(NodeTunnels tunnels, string name, TunnelEnd target, TunnelAccess? access, TunnelOptions options)
    {
        (_tunnels, Name, Target, Access) = (tunnels, name, target, access);
        Parts = new(target.IsDatagrams ? options.MaxFlows : options.MaxConnections);
        MediaPorts = new(options.MaxFlows);
        Counters = new(tunnels.Logger, $"Service {name}", isServed: true);
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>What stands behind it.</summary>
    public TunnelEnd Target { get; }

    /// <summary>Who may use it, of those whom the policy lets; null: all of them.</summary>
    public TunnelAccess? Access { get; }

    /// <summary>What went through it.</summary>
    public TunnelStatistics Statistics => Counters.Read(Parts.Count);

    /// <summary>Why the newest connection to it that failed did; null when none has.</summary>
    public CocoException? LastFailure => Counters.LastFailure;

    internal ActiveSet Parts { get; }

    /// <summary>Ports for media of RTSP.</summary>
    internal PortBudget MediaPorts { get; }

    internal TunnelCounters Counters { get; }

    /// <summary>Offers it no more; its connections are reset. Twice is safe.</summary>
    public ValueTask DisposeAsync()
    {
        _tunnels.Forget(this);
        Parts.Close();
        return default;
    }
}
