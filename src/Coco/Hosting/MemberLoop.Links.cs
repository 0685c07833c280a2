using System.Collections.Concurrent;
using Coco.Cluster.Discovery;
using Coco.Cluster.Members;
using Coco.Crypto;
using Coco.Discovery;
using Coco.Transport;
using Coco.Traversal.Records;

namespace Coco.Hosting;

/// <content>
/// Connections. The mesh uses one for each peer, the app as many as there are. Where both sides call at once, that of the smaller
/// identity counts: a call that crosses another is told from one after a restart by whether the peer has said anything on the older.
/// </content>
internal sealed partial class MemberLoop
{
    // Chosen: what strangers can make us hold; a network's members prove themselves within a round trip or two.
    private const int MaxUnproven = 64;

    // Chosen: two that cross, a restart or two, and some room; a member whose key is stolen opens no more.
    private const int MaxOfMember = 16;

    private static readonly TimeSpan ProofTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan JoinTime = TimeSpan.FromSeconds(40); // longer than a joiner tries one sponsor
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(5); // a connection that lost to another: the peer may still be deciding
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan QuickFarewell = TimeSpan.FromMilliseconds(300); // removal is to take effect within a second

    private readonly List<PeerLink> _links = [];
    private readonly Dictionary<NodeId, PeerLink> _current = []; // the one whose mesh stream the mesh uses
    private readonly ConcurrentDictionary<Task, bool> _linkTasks = new();

    /// <summary>The connections the mesh uses, for whoever wants to see how peers are reached.</summary>
    public ConcurrentDictionary<NodeId, Connection> Connections { get; } = new();

    /// <summary>A connection that a peer opened.</summary>
    public void HandleAccepted(Connection connection)
    {
        var peer = connection.PeerId;
        var isMember = _member.IsMember(peer);
        if (_isLeaving || (isMember && _links.Count(link => link.Peer == peer) >= MaxOfMember))
        {
            _logger.TurnedAway(peer, _isLeaving ? "this node is leaving" : "it has too many connections");
            Tasks.TryRun(() => connection.CloseAtOnceAsync((ulong)WireError.TooMany, "busy"));
            return;
        }
        if (!isMember) { MakeRoomForStranger(); }
        Add(connection).CloseAt = Now + ProofTime;
    }

    // Strangers who hold connections open keep out neither members nor, for longer than others take to join, joiners: the oldest goes.
    private void MakeRoomForStranger()
    {
        PeerLink[] strangers = [.. _links.Where(link => !link.IsVerified && !link.IsCaller && !link.IsClosing && !_member.IsMember(link.Peer))];
        if (strangers.Length < MaxUnproven) { return; }
        _logger.TurnedAway(strangers[0].Peer, "too many have shown nothing yet, and this one for longest");
        strangers[0].Close(WireError.TooMany, "busy", TimeSpan.Zero);
    }

    /// <summary>A peer sent what is no frame; from any thread.</summary>
    public void NoteNoFrame(PeerLink link) => _logger.LetGo(link.Peer, "what came is no frame");

    /// <summary>A connection that this node opened.</summary>
    public void HandleDialed(Connection connection)
    {
        var link = Add(connection);
        link.CloseAt = Now + ProofTime;
        if (_isLeaving)
        {
            link.Close(WireError.Unused, "", TimeSpan.Zero);
            return;
        }
        if (_current.TryGetValue(link.Peer, out var current) && !current.IsClosing && !IsPreferred(link))
        {
            link.CloseAt = Now; // the peer was faster, and its call is the one that counts
            return;
        }
        Tasks.TryRun(() => OpenMeshAsync(link));
    }

    /// <summary>The mesh stream of a connection is there, whoever opened it.</summary>
    public void HandleMeshOpened(PeerLink link, FrameStream mesh)
    {
        link.Mesh = mesh;
        if (link.IsClosing || _isLeaving) { return; }
        if (_current.TryGetValue(link.Peer, out var current) && !current.IsClosing)
        {
            var isCrossing = current.IsCaller != link.IsCaller && !(current.IsCaller ? current : link).HasHeard;
            if (isCrossing && !IsPreferred(link))
            {
                if (current.IsVerified) { link.Verify(); }
                link.CloseAt = Now + IdleTime;
                return;
            }
            current.CloseAt = Now + IdleTime;
            _member.HandleDisconnected(link.Peer, Now);
            TakeOutputs();
        }
        Use(link);
    }

    /// <summary>Whole frames of the mesh.</summary>
    public void HandleFrames(PeerLink link, byte[] frames)
    {
        link.HasHeard = true;
        if (link.IsClosing || !_current.ContainsKey(link.Peer)) { return; }
        _member.HandleFrames(link.Peer, frames, Now);
        TakeOutputs();
        if (link.Held.Count > 0 && !_member.IsStranger(link.Peer)) { Release(link); }
    }

    /// <summary>A connection is over.</summary>
    public void HandleLinkClosed(PeerLink link)
    {
        _links.Remove(link);
        if (link.Connection == _joinedOver) { HandleSponsorLost(link); }
        if (!_current.TryGetValue(link.Peer, out var current) || current != link) { return; }
        _current.Remove(link.Peer);
        Connections.TryRemove(link.Peer, out _);
        _member.HandleDisconnected(link.Peer, Now);
        TakeOutputs();
        if (_links.Find(other => other.Peer == link.Peer && other.Mesh is not null && !other.IsClosing) is { } standby) { Use(standby); }
        else { HandleNoLink(link.Peer, null); }
    }

    /// <summary>The app uses a connection no more.</summary>
    public void HandleSessionEnded(PeerLink link)
    {
        if (link.HasSessions) { return; }
        if (link.IsUnwanted || !_current.TryGetValue(link.Peer, out var current) || current != link) { link.CloseAt = Now + IdleTime; }
    }

    /// <summary>The loop runs.</summary>
    public void HandleStarted()
    {
        if (_endpoint.RecordOf(Self) is { } record) { HandleRecord(record); }
        UpdateDiscovery();
        UpdateControlPlanes();
    }

    /// <summary>A member says on the LAN that it is there; from any thread.</summary>
    public void HandleFound(LanEvent.Found found) => PostIfRoom(() =>
    {
        _member.HandleLanPeer(found.Node, found.Addresses, Now);
        DialAnew(found.Node, found.Addresses);
    });

    /// <summary>Discovery on the LANs of this machine, if there is any; set before the loop starts.</summary>
    public NodeDiscovery? Lan { get; set; }

    // Whoever is removed knows the old key, and this node's own removal is the end of looking for others.
    private void UpdateDiscovery()
    {
        if (Lan is null) { return; }
        var key = _isRemoved ? null : _member.Discovery;
        if (key is null ? _discoveryKey is null : key.IsSame(_discoveryKey)) { return; }
        _discoveryKey = key;
        Lan.SetKey(key);
    }

    private DiscoveryKey? _discoveryKey;

    /// <summary>A record was published at the host: of this node, or of a peer of some node there.</summary>
    public void HandleRecord(AddressRecord record)
    {
        if (record.Id == Self || (_current.TryGetValue(record.Id, out var link) && link.IsVerified)) { _member.HandleAddressRecord(record, Now); }
        if (record.Id != Self) { return; }
        _hasRecord.TrySetResult();
        TellPlanes();
    }

    private readonly TaskCompletionSource _hasRecord = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private PeerLink Add(Connection connection)
    {
        var link = new PeerLink(this, connection);
        _links.Add(link);
        connection.PathChanged += (_, _) => PostIfRoom(() => HandlePath(link));
        var running = Task.Run(link.RunAsync);
        _linkTasks.TryAdd(running, true);
        _ = running.ContinueWith(ended => _linkTasks.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return link;
    }

    private async Task OpenMeshAsync(PeerLink link)
    {
        try
        {
            var mesh = await link.OpenMeshAsync().ConfigureAwait(false);
            await PostAsync(() => HandleMeshOpened(link, mesh)).ConfigureAwait(false);
            await link.ServeMeshAsync(mesh).ConfigureAwait(false);
        }
        catch (TransportException)
        {
            // The connection is over, which it reports itself.
        }
    }

    private void Use(PeerLink link)
    {
        _current[link.Peer] = link;
        Connections[link.Peer] = link.Connection;
        link.IsUnwanted = false;
        _member.HandleConnected(link.Peer, RoundTripOf(link.Connection.ActivePath), Now, !link.IsOverMesh);
        TakeOutputs();
    }

    // What goes over links of the mesh is no link itself: else routes would lead over themselves.
    private void HandlePath(PeerLink link)
    {
        link.SetNeighbour();
        if (!_current.TryGetValue(link.Peer, out var current) || current != link) { return; }
        _member.HandleWay(link.Peer, !link.IsOverMesh, Now);
        LookSoon();
        TakeOutputs();
    }

    // Both ends come to the same.
    private bool IsPreferred(PeerLink link) => (Self < link.Peer) == link.IsCaller;

    private void Send(NodeId peer, ReadOnlyMemory<byte> frames)
    {
        if (!_current.TryGetValue(peer, out var link)) { return; }
        // Whoever calls us is told nothing, not even who we are in which network, until it has shown that it belongs here.
        if (!link.IsCaller && _member.IsStranger(peer)) { link.Held.Add(frames); }
        else { SendNow(link, frames); }
    }

    private void SendNow(PeerLink link, ReadOnlyMemory<byte> frames)
    {
        if (link.Held.Count > 0) { Release(link); }
        LookSoon();
        if (link.Mesh!.TrySend(frames) || link.IsClosing) { return; }
        _logger.LetGo(link.Peer, "too much waits to be read");
        link.Close(WireError.TooMany, "too much waits to be read", QuickFarewell);
    }

    private void Release(PeerLink link)
    {
        ReadOnlyMemory<byte>[] held = [.. link.Held];
        link.Held.Clear();
        foreach (var frames in held) { SendNow(link, frames); }
    }

    private void Verify(NodeId peer)
    {
        foreach (var link in _links)
        {
            if (link.Peer != peer || link.IsClosing) { continue; }
            var isCurrent = _current.TryGetValue(peer, out var current) && current == link;
            var closeAt = link.CloseAt;
            link.Verify();
            // It came before we knew that the peer is one whose record we keep.
            if (link.Connection.PeerRecord is { } record) { _member.HandleAddressRecord(record, Now); }
            if (!isCurrent) { link.CloseAt = closeAt; }
        }
        CallNoMore(peer);
        Answer(peer);
    }

    private void Disconnect(NodeId peer, MemberDisconnect reason)
    {
        if (reason is MemberDisconnect.Unwanted)
        {
            if (_current.TryGetValue(peer, out var unwanted)) { unwanted.IsUnwanted = true; }
            if (unwanted is { HasSessions: false } && !_waiting.ContainsKey(peer)) { unwanted.Close(WireError.Unused, "", Farewell); }
            return;
        }
        foreach (var link in _links)
        {
            if (link.Peer != peer) { continue; }
            if (reason is MemberDisconnect.Removed && link.Held.Count > 0) { Release(link); }
            // One that just joined goes on with the same connection; the rest of the join protocol has its own time.
            if (reason is MemberDisconnect.NotMember && HasJoin(link)) { continue; }
            link.Close(WireError.NotMember, "", reason is MemberDisconnect.Removed ? QuickFarewell : TimeSpan.Zero);
        }
    }

    private void CloseLateLinks(TimeSpan now)
    {
        foreach (var link in _links)
        {
            if (link.CloseAt > now || link.IsClosing) { continue; }
            link.CloseAt = TimeSpan.MaxValue;
            if (!link.IsVerified) { link.Close(WireError.NotMember, "", TimeSpan.Zero); }
            else if (!link.HasSessions) { link.Close(WireError.Unused, "", Farewell); }
        }
    }

    private void Leave(TaskCompletionSource left)
    {
        _isLeaving = true;
        Tasks.TryRun(() => _leaving.CancelAsync());
        _member.Leave(Now);
        TakeOutputs();
        foreach (var link in _links) { link.Close(WireError.Unused, "", Farewell); }
        left.TrySetResult();
    }

    private bool _isLeaving;
}
