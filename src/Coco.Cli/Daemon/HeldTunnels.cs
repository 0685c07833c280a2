using Coco.Cli.Api;
using Coco.Tunnels;
using Microsoft.Extensions.Logging;

namespace Coco.Cli.Daemon;

/// <summary>Services and tunnels of a held node: opened again at each start, until they are closed.</summary>
internal sealed class HeldTunnels(HeldNode held) : IDisposable
{
    private readonly SemaphoreSlim _changes = new(1); // one change at a time: settings and what is open stay the same
    private readonly Dictionary<ServiceWish, PublishedService> _services = [];
    private readonly Dictionary<TunnelWish, OpenTunnel> _tunnels = [];
    private readonly Dictionary<TunnelWish, string> _failed = [];

    /// <summary>Opens what was open before. What cannot be opened is shown, and tried again at the next start.</summary>
    public async Task RestoreAsync(ILogger logger)
    {
        await _changes.WaitAsync();
        try
        {
            foreach (var wish in held.Settings.Services) { _services[wish] = await PublishAsync(wish); }
            foreach (var wish in held.Settings.Tunnels)
            {
                try
                {
                    _tunnels[wish] = await OpenTunnelAsync(wish);
                }
                catch (Exception exception) when (exception is CocoException or ApiException or ArgumentException)
                {
                    _failed[wish] = exception.Message;
                    logger.TunnelNotOpened(wish.Local, held.NetworkName, exception.Message);
                }
            }
        }
        finally
        {
            _changes.Release();
        }
    }

    public async Task<ServiceView> OfferAsync(ServiceWish wish, CancellationToken cancellationToken)
    {
        wish = wish with { Target = Words.EndOf(wish.Target).ToString(), Nodes = [.. wish.Nodes.Select(node => $"{Words.NodeOf(held, node)}")] };
        await _changes.WaitAsync(cancellationToken);
        try
        {
            var service = await PublishAsync(wish);
            _services[wish] = service;
            Keep();
            return ViewOf(wish, service);
        }
        finally
        {
            _changes.Release();
        }
    }

    public async Task<TunnelView> OpenAsync(TunnelWish wish, CancellationToken cancellationToken)
    {
        var node = wish.Node is { } name ? Words.NodeOf(held, name) : default;
        await _changes.WaitAsync(cancellationToken);
        try
        {
            wish = wish with { Node = wish.Node is null ? null : $"{node}", Local = Words.EndOf(wish.Local).ToString() };
            if (_failed.Keys.FirstOrDefault(one => one.Local == wish.Local) is { } before) { _failed.Remove(before); }
            var tunnel = await OpenTunnelAsync(wish);
            wish = wish with { Local = tunnel.Local.ToString() }; // with the port that the system chose, so that it is the same after a restart
            _tunnels[wish] = tunnel;
            Keep();
            return ViewOf(wish, tunnel);
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>Closes what is meant: a service that is offered, by its name; a tunnel or proxy, by its local end or as service@node.</summary>
    public async Task<int> CloseAsync(string what, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            var services = _services.Keys.Where(one => one.Name == what).ToArray();
            var tunnels = _tunnels.Keys.Concat(_failed.Keys).Where(one => Names(one).Contains(what, StringComparer.Ordinal)).ToArray();
            if (services.Length + tunnels.Length == 0)
            {
                var names = _services.Keys.Select(static one => one.Name).Concat(_tunnels.Keys.Concat(_failed.Keys).SelectMany(Names));
                throw ApiException.Of(CocoError.NotFound, $"Nothing called {what} is offered or open.{Spelling.Suggest(what, names)} `coco tunnel list` shows what is.");
            }
            foreach (var wish in services)
            {
                if (_services.Remove(wish, out var service)) { await service.DisposeAsync(); }
            }
            foreach (var wish in tunnels)
            {
                _failed.Remove(wish);
                if (_tunnels.Remove(wish, out var tunnel)) { await tunnel.End.DisposeAsync(); }
            }
            Keep();
            return services.Length + tunnels.Length;
        }
        finally
        {
            _changes.Release();
        }
    }

    public async Task<TunnelsView> ViewAsync(CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            return new(
                held.NetworkName,
                [.. _services.Select(one => ViewOf(one.Key, one.Value)).OrderBy(static one => one.Name, StringComparer.Ordinal)],
                [.. _tunnels.Select(one => ViewOf(one.Key, one.Value)), .. _failed.Select(one => ViewOf(one.Key, null) with { Problem = one.Value })]);
        }
        finally
        {
            _changes.Release();
        }
    }

    public void Dispose() => _changes.Dispose();

    private Task<PublishedService> PublishAsync(ServiceWish wish)
    {
        var access = wish.Nodes.Count + wish.Roles.Count == 0 ? null : new TunnelAccess
        {
            Nodes = [.. wish.Nodes.Select(static node => Crypto.NodeId.Parse(node))], Roles = [.. wish.Roles.Select(Words.RoleOf)],
        };
        return held.Node.Tunnels.PublishAsync(wish.Name, Words.EndOf(wish.Target), access);
    }

    private async Task<OpenTunnel> OpenTunnelAsync(TunnelWish wish)
    {
        var (local, access) = (Words.EndOf(wish.Local), Words.AccessOf(wish.Access));
        Check(local, access);
        if (wish.Node is not { } node || wish.Service is not { } service)
        {
            var proxy = await held.Node.Tunnels.ServeProxyAsync(local, access);
            return new(proxy, proxy.LocalEnd, () => proxy.Statistics, () => proxy.LastFailure);
        }
        var tunnel = await held.Node.Tunnels.OpenAsync(Crypto.NodeId.Parse(node), service, local, access);
        return new(tunnel, tunnel.LocalEnd, () => tunnel.Statistics, () => tunnel.LastFailure);
    }

    // The library says so too, in words for who writes programs.
    private static void Check(TunnelEnd local, LocalAccess access)
    {
        if (access is LocalAccess.Token && local.Kind is TunnelKind.Udp)
        {
            throw ApiException.Of(CocoError.Invalid, $"Datagrams carry no token: {local} can be opened with --user or --anyone.");
        }
        Words.CheckAccess(local, access);
    }

    private void Keep() => held.Keep(held.Settings with { Services = [.. _services.Keys], Tunnels = [.. _tunnels.Keys, .. _failed.Keys] });

    private IEnumerable<string> Names(TunnelWish wish) => wish.Node is { } node ? [wish.Local, $"{wish.Service}@{NameOf(node)}"] : [wish.Local];

    private string NameOf(string node) => held.Running?.Peers.FirstOrDefault(peer => $"{peer.Id}" == node)?.Name ?? node;

    private ServiceView ViewOf(ServiceWish wish, PublishedService service) => new(
        wish.Name, wish.Target, [.. wish.Nodes.Select(NameOf)], wish.Roles, ViewOf(service.Statistics), service.LastFailure?.Message);

    private TunnelView ViewOf(TunnelWish wish, OpenTunnel? tunnel) => new()
    {
        Node = wish.Node is { } node ? NameOf(node) : null, Service = wish.Service, Local = wish.Local, Access = wish.Access,
        Traffic = tunnel is null ? null : ViewOf(tunnel.Statistics()), Problem = tunnel?.LastFailure()?.Message,
    };

    private static TrafficView ViewOf(TunnelStatistics figures) =>
        new(figures.Connections, figures.Active, figures.Refused, figures.BytesToPeers, figures.BytesFromPeers, figures.DatagramsLost);

    private sealed record OpenTunnel(IAsyncDisposable End, TunnelEnd Local, Func<TunnelStatistics> Statistics, Func<CocoException?> LastFailure);
}
