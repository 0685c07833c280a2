using System.Threading.Channels;
using Coco.Cluster.Members;

namespace Coco.Hosting;

/// <content>What apps see: immutable views, and what happened since the last.</content>
internal sealed partial class MemberLoop
{
    // Chosen: a view costs as much as there are members. Of the loop's time one part in a hundred goes into views, as a process may have a hundred
    // nodes; the first after a pause is made at once.
    private const int RestOfView = 99;
    private const int MaxAccepted = 1024;
    private const int MaxEvents = 1024;

    private static readonly TimeSpan MaxViewInterval = TimeSpan.FromSeconds(1);

    private readonly Channel<NodeConnection> _accepted = Channel.CreateBounded<NodeConnection>(MaxAccepted);
    private readonly Lock _watchersLock = new(); // guards _watchers
    private readonly List<Watcher> _watchers = [];
    private readonly List<NodeEvent> _happened = [];
    private TimeSpan _viewAt = TimeSpan.MaxValue;
    private TimeSpan _nextView;
    private TimeSpan _viewCost;
    private bool _isRemoved;

    /// <summary>The ways through the network; from any thread.</summary>
    public RouteView? Routes { get; private set => Volatile.Write(ref field, value); }

    /// <summary>Connections that peers' apps opened.</summary>
    public ChannelReader<NodeConnection> Accepted => _accepted.Reader;

    /// <summary>Hands a session of a peer's to the app. False when too many wait.</summary>
    public bool TryAccept(NodeConnection session) => _accepted.Writer.TryWrite(session);

    /// <summary>What happens from now on, or what of these kinds does.</summary>
    public Channel<NodeEvent> Watch(params ReadOnlySpan<NodeEventKind> kinds)
    {
        var wanted = kinds.IsEmpty ? uint.MaxValue : 0;
        foreach (var kind in kinds) { wanted |= 1u << (int)kind; }
        return Watch(MaxEvents, wanted);
    }

    /// <summary>That there is a new view: one event, whatever has happened, for whoever looks at <see cref="View"/> and not at the events.</summary>
    public Channel<NodeEvent> WatchViews() => Watch(1, uint.MaxValue);

    public void Unwatch(Channel<NodeEvent> events)
    {
        lock (_watchersLock) { _watchers.RemoveAll(watcher => watcher.Events == events); }
    }

    private Channel<NodeEvent> Watch(int capacity, uint kinds)
    {
        var events = Channel.CreateBounded<NodeEvent>(new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_watchersLock) { _watchers.Add(new(events, kinds)); }
        if (_ended.IsCancellationRequested) { events.Writer.TryComplete(); }
        return events;
    }

    private void Note(MemberEvent happened)
    {
        _happened.Add(happened switch
        {
            MemberEvent.Reachable one => new(NodeEventKind.Reachable, one.Node),
            MemberEvent.Unreachable one => new(NodeEventKind.Unreachable, one.Node),
            MemberEvent.NodeRemoved one => new(NodeEventKind.NodeRemoved, one.Node),
            MemberEvent.UserRemoved one => new(NodeEventKind.UserRemoved, default, one.User),
            MemberEvent.OwnerChanged one => new(NodeEventKind.OwnerChanged, default, one.Owner),
            MemberEvent.Joined one => new(NodeEventKind.Joined, one.Node),
            MemberEvent.Equivocation one => new(NodeEventKind.Equivocation, one.Issuer),
            MemberEvent.SelfRemoved => new(NodeEventKind.SelfRemoved, Self),
            MemberEvent.CopySeen => new(NodeEventKind.CopySeen, Self),
            MemberEvent.MembershipChanged => new(NodeEventKind.MembershipChanged),
            _ => new(NodeEventKind.GraphChanged),
        });
        if (happened is MemberEvent.SelfRemoved) { HandleSelfRemoved(); }
        if (happened is MemberEvent.SelfRemoved or MemberEvent.MembershipChanged)
        {
            UpdateDiscovery();
            UpdateControlPlanes();
        }
        if (happened is MemberEvent.Joined or MemberEvent.Reachable or MemberEvent.MembershipChanged) { TellPlanes(); }
        if (_viewAt == TimeSpan.MaxValue) { _viewAt = Now < _nextView ? _nextView : Now; }
    }

    private void HandleSelfRemoved()
    {
        _isRemoved = true;
        foreach (var waiter in _waiting.Values.SelectMany(static waiting => waiting)) { waiter.Answer.TrySetException(Failures.SelfRemoved()); }
        _waiting.Clear();
    }

    private void UpdateView(bool atOnce = false)
    {
        var start = Now;
        if (_viewAt == TimeSpan.MaxValue || (start < _viewAt && !atOnce)) { return; }
        _viewAt = TimeSpan.MaxValue;
        View = NodeView.Of(_member) with { IsRemoved = _isRemoved };
        Routes = new(_member, View, Now);
        _endpoint.HandleRoutesChanged();
        Watcher[] watchers;
        lock (_watchersLock) { watchers = [.. _watchers]; }
        foreach (var happened in _happened)
        {
            foreach (var watcher in watchers) { watcher.Tell(happened); }
        }
        _happened.Clear();
        var end = Now;
        // The lesser of the last two, as the machine may have done something else meanwhile.
        var cost = end - start < _viewCost ? end - start : _viewCost;
        _viewCost = end - start;
        var rest = cost * RestOfView;
        _nextView = end + (rest < MaxViewInterval ? rest : MaxViewInterval);
    }

    private void CompleteWatchers()
    {
        _accepted.Writer.TryComplete();
        lock (_watchersLock)
        {
            foreach (var watcher in _watchers) { watcher.Events.Writer.TryComplete(); }
        }
    }

    // Of the kinds, one bit each.
    private readonly record struct Watcher(Channel<NodeEvent> Events, uint Kinds)
    {
        public void Tell(in NodeEvent happened)
        {
            if ((Kinds & (1u << (int)happened.Kind)) != 0) { Events.Writer.TryWrite(happened); }
        }
    }
}
