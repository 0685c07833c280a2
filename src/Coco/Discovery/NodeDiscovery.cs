using System.Net;
using Coco.Cluster.Discovery;
using Coco.Crypto;
using Coco.Transport;
using Coco.Transport.Discovery;
using Microsoft.Extensions.Logging;

namespace Coco.Discovery;

/// <summary>Finds the members of a node's network on the LANs of its host, and lets them find it, until it is disposed of.</summary>
internal sealed class NodeDiscovery : IAsyncDisposable
{
    private readonly Endpoint _endpoint;
    private readonly LanNeighbourhood _neighbourhood;
    private readonly MulticastService _service;

    private NodeDiscovery(CocoHost host, NodeId self, Action<LanEvent.Found> found, ILogger logger)
    {
        _endpoint = host.Endpoint;
        _neighbourhood = new(self, host.LocalEndPoints, host.Options.Policy, found);
        _service = new(_neighbourhood, host.Options.Multicast, logger);
        _endpoint.NetworkRead += OnNetworkRead;
        _service.Start();
    }

    /// <summary>Begins, without a key; null where the node can be found by nobody on a LAN.</summary>
    public static NodeDiscovery? Start(CocoHost host, NodeId self, Action<LanEvent.Found> found, ILogger logger)
    {
        var policy = host.Options.Policy;
        var isHidden = policy.RelayOnly || policy.NoLan || host.LocalEndPoints.All(static one => IPAddress.IsLoopback(one.Address));
        return isHidden ? null : new(host, self, found, logger);
    }

    /// <summary>Goes on under another key, and another name; under none at all when null.</summary>
    public void SetKey(DiscoveryKey? key)
    {
        _neighbourhood.Key = key;
        _service.HandleNetworkChange();
    }

    public async ValueTask DisposeAsync()
    {
        _endpoint.NetworkRead -= OnNetworkRead;
        await _service.DisposeAsync().ConfigureAwait(false);
    }

    private void OnNetworkRead(object? sender, EventArgs arguments) => _service.HandleNetworkChange();
}
