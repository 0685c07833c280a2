using Coco.Cluster;
using Coco.Crypto;
using Coco.Hosting;
using Microsoft.Extensions.Logging;

namespace Coco.Tunnels;

/// <summary>
/// Tunnels of a node: services of this machine that members reach by name, and services of members that are reached here, by a stream or at a
/// local end that any program can use. Who may use a service its node decides, by the network's policy. Thread-safe.
/// </summary>
public sealed partial class NodeTunnels
{
    private readonly MemberLoop _loop;
    private readonly TunnelOptions _options;
    private readonly TimeProvider _time;
    private readonly SessionPool<TunnelSession> _sessions;
    private readonly ITimer _sweep;
    private readonly Lock _lock = new(); // guards the four below
    private readonly Dictionary<string, PublishedService> _published = new(StringComparer.Ordinal);
    private readonly List<IAsyncDisposable> _opened = [];
    private readonly List<ActiveSet> _flowSets = []; // of local ends
    private bool _isClosed;

    internal NodeTunnels(MemberLoop loop, NodeOptions options)
    {
        (_loop, _options, _time) = (loop, options.Tunnels, options.TimeProvider);
        (Token, AnswerTime) = (_options.Token ?? LocalToken.Generate(), options.ConnectTimeout + _options.TargetTimeout);
        _sessions = new(loop, SessionUse.Tunnels, connection => new(connection, loop.Tasks), _time);
        loop.Serve(SessionUse.Tunnels, ServeAsync);
        loop.Tasks.TryRun(RecheckAsync);
        var interval = _options.FlowTimeout / 4 < SweepTime ? _options.FlowTimeout / 4 : SweepTime;
        _sweep = _time.CreateTimer(_ => loop.Tasks.TryRun(SweepAsync), null, interval, interval);
    }

    internal ILogger Logger => _loop.Logger;

    private static readonly TimeSpan SweepTime = TimeSpan.FromSeconds(10);

    private TimeSpan AnswerTime { get; }

    /// <summary>What programs show at local ends with <see cref="LocalAccess.Token"/>.</summary>
    public LocalToken Token { get; }

    /// <summary>The services that this node offers.</summary>
    public IReadOnlyList<PublishedService> Published
    {
        get
        {
            lock (_lock) { return [.. _published.Values.OrderBy(static one => one.Name, StringComparer.Ordinal)]; }
        }
    }

    /// <summary>The tunnels that are open here.</summary>
    public IReadOnlyList<Tunnel> Opened
    {
        get
        {
            lock (_lock) { return [.. _opened.OfType<Tunnel>()]; }
        }
    }

    /// <summary>Offers a service to the other members: to those whom the network's policy lets use it, which is nobody but the owner at first.</summary>
    /// <param name="name">What it is called, a label: 1 to 64 characters from a-z, 0-9, '.', '-' and '_'.</param>
    /// <param name="target">What stands behind it. It need not run yet.</param>
    /// <param name="access">Who may use it, of those whom the policy lets. Null: all of them.</param>
    /// <exception cref="CocoException"><see cref="CocoError.NameInUse"/>.</exception>
    public Task<PublishedService> PublishAsync(string name, TunnelEnd target, TunnelAccess? access = null)
    {
        Labels.Require(name, "a service");
        ArgumentNullException.ThrowIfNull(target);
        if (target is { Kind: not TunnelKind.Unix, Port: 0 }) { throw new ArgumentException($"{target} is no program's address: its port is missing.", nameof(target)); }
        var service = new PublishedService(this, name, target, access, _options);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
            if (!_published.TryAdd(name, service))
            {
                throw new CocoException(CocoError.NameInUse, $"This node offers a service {name} already, at {_published[name].Target}. Close that one, or choose another name.");
            }
        }
        Logger.Published(name, target);
        return Task.FromResult(service);
    }

    /// <summary>What the node knows of its network, by which names are found.</summary>
    internal NodeView View => _loop.View;

    internal void Forget(PublishedService service)
    {
        lock (_lock)
        {
            if (_published.GetValueOrDefault(service.Name) != service) { return; }
            _published.Remove(service.Name);
        }
        Logger.Withdrawn(service.Name);
    }

    /// <summary>Closes all local ends and connections; the node's part.</summary>
    internal async Task DisposeAsync()
    {
        IAsyncDisposable[] opened;
        PublishedService[] published;
        lock (_lock)
        {
            _isClosed = true;
            (opened, published) = ([.. _opened], [.. _published.Values]);
        }
        await _sweep.DisposeAsync().ConfigureAwait(false);
        foreach (var service in published) { await service.DisposeAsync().ConfigureAwait(false); }
        foreach (var one in opened) { await one.DisposeAsync().ConfigureAwait(false); }
        await _sessions.CloseAsync().ConfigureAwait(false);
    }

    private Task SweepAsync()
    {
        EndIdleFlows();
        return _sessions.CloseIdleAsync();
    }

    private NodeId Find(string node) =>
        _loop.View.Members.FirstOrDefault(member => string.Equals(member.Name, node, StringComparison.Ordinal))?.Id
        ?? throw new CocoException(CocoError.NotFound, $"No member called '{node}' is known here. {nameof(Node)}.{nameof(Node.Peers)} has those that are; one that joined a moment ago may follow.");
}
