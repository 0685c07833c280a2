using System.Buffers;
using Coco.Cluster.Mesh;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Members;

/// <content>
/// Connections. Each end first shows its certificate (frame 7) and the statements that lead from the root to whoever signed it (frame 3,
/// kind 2). Only who has shown that it belongs is told anything else; what it says before we know so is held, because it may know us longer
/// than we know it.
/// </content>
internal sealed partial class NetworkMember
{
    private static readonly TimeSpan ShunFor = TimeSpan.FromMinutes(10);

    private readonly Dictionary<NodeId, MemberPeer> _peers = [];
    private readonly Dictionary<NodeId, TimeSpan> _shunned = [];
    private readonly List<MemberPeer> _removed = [];

    /// <summary>A connection is up, whoever called, and its mesh stream open.</summary>
    /// <param name="peer">The other end.</param>
    /// <param name="rtt">Its round trip, as far as it was measured.</param>
    /// <param name="now">The time.</param>
    /// <param name="isLink">Whether the connection is a link of the mesh: false where it goes over links itself.</param>
    public void HandleConnected(NodeId peer, TimeSpan rtt, TimeSpan now, bool isLink = true)
    {
        _now = now;
        if (_peers.ContainsKey(peer)) { Lose(peer); }
        if (peer == Self || IsShunned(peer) || _isRemoved)
        {
            TurnAway(peer, peer == Self || _isRemoved ? MemberDisconnect.Removed : MemberDisconnect.Misbehaved, _isRemoved ? "we belong no more" : "it misbehaved");
        }
        else if (_peers.Values.Count(static other => other.State is MemberPeerState.Unproven) >= _options.MaxUnproven && !_roster.IsMember(peer))
        {
            TurnAway(peer, MemberDisconnect.NotMember, "too many have shown nothing yet");
        }
        else
        {
            var connected = new MemberPeer(peer, rtt, now, _options.Directory) { IsLink = isLink };
            _peers.Add(peer, connected);
            SendProof(peer);
            if (_roster.IsMember(peer)) { Verify(connected); }
            else if (State.IsRevokedByOwner(peer)) { Remove(connected); }
        }
        Finish();
    }

    /// <summary>Whole frames from a peer's mesh stream.</summary>
    public void HandleFrames(NodeId peer, ReadOnlySpan<byte> frames, TimeSpan now)
    {
        _now = now;
        if (_peers.TryGetValue(peer, out var from)) { TakeFrames(from, frames); }
        Finish();
    }

    /// <summary>The round trip of a connection, measured anew.</summary>
    public void HandleRtt(NodeId peer, TimeSpan rtt, TimeSpan now)
    {
        _now = now;
        if (rtt > TimeSpan.Zero && _peers.TryGetValue(peer, out var connected)) { connected.Rtt = rtt; }
        Mesh.HandleRtt(peer, rtt, now);
        Finish();
    }

    /// <summary>A connection goes another way than before: over links of the mesh, or not.</summary>
    public void HandleWay(NodeId peer, bool isLink, TimeSpan now)
    {
        _now = now;
        Mesh.HandleWayChanged(peer, now);
        if (_peers.TryGetValue(peer, out var connected) && connected.IsLink != isLink)
        {
            connected.IsLink = isLink;
            if (connected.State is MemberPeerState.Verified && isLink) { EnterMesh(connected); }
            else if (connected.IsInMesh)
            {
                connected.IsInMesh = false;
                Mesh.HandlePeerDown(peer, now);
            }
        }
        Finish();
    }

    /// <summary>Whether a connected node has shown nothing yet that leads to its belonging here.</summary>
    public bool IsStranger(NodeId peer) => _peers.TryGetValue(peer, out var connected) && connected.State is MemberPeerState.Unproven && !_removed.Contains(connected);

    /// <summary>A connection is gone.</summary>
    public void HandleDisconnected(NodeId peer, TimeSpan now)
    {
        _now = now;
        Lose(peer);
        Finish();
    }

    /// <summary>A connection that was asked for did not come about.</summary>
    /// <param name="peer">With whom.</param>
    /// <param name="now">The time.</param>
    /// <param name="lacksAddress">Nothing was tried, because it is not known where the peer is.</param>
    public void HandleConnectFailed(NodeId peer, TimeSpan now, bool lacksAddress = false)
    {
        _now = now;
        Mesh.HandleConnectFailed(peer, now, lacksAddress);
        AskOthersThan(peer);
        Finish();
    }

    private void TakeFrames(MemberPeer peer, ReadOnlySpan<byte> frames)
    {
        var reader = new SpanReader(frames);
        while (!reader.IsEmpty && peer.State is not MemberPeerState.Dismissed)
        {
            var start = reader.Position;
            if (!reader.TryReadVarInt(out var type) || !reader.TryReadVarInt(out var length)
                || length > MeshNode.MaxFrame || !reader.TryReadBytes(length, out var body))
            {
                Misbehaved(peer, "a frame that is none");
                return;
            }
            var isWellFormed = peer.State is MemberPeerState.Verified
                ? TakeFrame(peer, (MeshFrameType)type, body, frames[start..reader.Position])
                : TakeUnproven(peer, (MeshFrameType)type, body, frames[start..reader.Position]);
            if (isWellFormed || peer.State is MemberPeerState.Dismissed) { continue; }
            MemberLog.FrameRefused(_logger, peer.Id, (MeshFrameType)type, "nobody who belongs would send it");
            if (++peer.Strikes >= _options.MaxStrikes) { Misbehaved(peer, "too many frames that nobody would send"); }
        }
    }

    private bool TakeFrame(MemberPeer peer, MeshFrameType type, ReadOnlySpan<byte> body, ReadOnlySpan<byte> frame)
    {
        switch (type)
        {
            case MeshFrameType.StatementHeads: return _sync.HandleHeads(peer.Id, body, _now);
            case MeshFrameType.Statements: return TakeStatements(peer, body);
            case MeshFrameType.AddressRecords: return TakeAddressRecords(peer, body);
            case MeshFrameType.TimeAsked: return TakeTimeAsked(peer, body);
            case MeshFrameType.TimeTold: return TakeTimeTold(peer, body);
            case MeshFrameType.AddressesWanted: return TakeAddressesWanted(peer, body);
            case MeshFrameType.DirectoryPublish or MeshFrameType.DirectoryLookup or MeshFrameType.DirectoryFound: return TakeDirectory(peer, type, body);
            default:
                Mesh.HandleMessage(peer.Id, frame, _now);
                return true;
        }
    }

    private bool TakeUnproven(MemberPeer peer, MeshFrameType type, ReadOnlySpan<byte> body, ReadOnlySpan<byte> frame)
    {
        if (type is MeshFrameType.Certificates && peer.Certificate is null) { return TakeOwnCertificate(peer, body); }
        if (type is MeshFrameType.Statements && body.Length > 0 && body[0] == StatementSync.ProofKind) { return TakeProof(peer, body[1..]); }
        if (peer.State is MemberPeerState.Proven && type is MeshFrameType.StatementHeads) { return _sync.HandleHeads(peer.Id, body, _now); }
        if (peer.State is MemberPeerState.Proven && type is MeshFrameType.Statements) { return TakeStatements(peer, body); }
        if (peer.HeldBytes + frame.Length > _options.MaxUnprovenBytes)
        {
            Misbehaved(peer, "too much before it showed that it belongs");
            return true;
        }
        peer.Held ??= new(frame.Length);
        peer.Held.Write(frame);
        return true;
    }

    private bool TakeStatements(MemberPeer peer, ReadOnlySpan<byte> body)
    {
        // Who proves again what we know already was called by us at the same time; it costs nothing.
        if (body.Length > 0 && body[0] == StatementSync.ProofKind) { return true; }
        var isHonest = _sync.HandleStatements(peer.Id, body, _now);
        TakeLogEvents(peer.Id);
        return isHonest;
    }

    // The peer belongs: from here on it hears what members hear.
    private void Verify(MemberPeer peer)
    {
        (peer.State, var held, peer.Held) = (MemberPeerState.Verified, peer.Held, null);
        MemberLog.Verified(_logger, peer.Id);
        _outputs.Enqueue(new MemberOutput.Verified(peer.Id));
        _sync.HandlePeerUp(peer.Id, _now);
        EnterMesh(peer);
        AskFormerOwners(peer);
        KeepServed(peer.Id);
        AskTime(peer);
        TellAddresses(peer);
        WantAddressesLacking(peer);
        HandleKeeperVerified(peer);
        if (held is not null) { TakeFrames(peer, held.WrittenSpan); }
    }

    private void EnterMesh(MemberPeer peer)
    {
        if (!peer.IsLink) { return; }
        Mesh.HandlePeerUp(peer.Id, peer.Rtt, _now);
        peer.IsInMesh = Mesh.Peers.Contains(peer.Id);
    }

    private void Lose(NodeId peer)
    {
        if (!_peers.Remove(peer, out var gone)) { return; }
        var wasVerified = gone.State is MemberPeerState.Verified;
        gone.State = MemberPeerState.Dismissed;
        _removed.Remove(gone);
        if (wasVerified) { Mesh.HandlePeerDown(peer, _now); } else { Mesh.HandleConnectFailed(peer, _now); }
        _sync.HandlePeerDown(peer);
        AskOthersThan(peer);
    }

    private void DismissUnproven()
    {
        foreach (var peer in _peers.Values)
        {
            if (peer.State is not (MemberPeerState.Unproven or MemberPeerState.Proven) || _now < peer.ConnectedAt + _options.ProofTimeout) { continue; }
            Dismiss(peer, MemberDisconnect.NotMember);
        }
    }

    private void Misbehaved(MemberPeer peer, string how)
    {
        MemberLog.Misbehaved(_logger, peer.Id, how);
        Shun(peer.Id);
        Dismiss(peer, MemberDisconnect.Misbehaved);
    }

    // Where there are too many, whoever has been shunned longest is let off first: keys are cheap, and nobody is to clear the others' names by making some.
    private void Shun(NodeId peer)
    {
        if (_shunned.Count >= _options.Mesh.MaxPeers && !_shunned.ContainsKey(peer)) { _shunned.Remove(_shunned.MinBy(static shunned => shunned.Value).Key); }
        _shunned[peer] = _now + ShunFor;
    }

    // It stays in the table until the host reports that the connection is gone, so that it cannot come back as a stranger.
    private void Dismiss(MemberPeer peer, MemberDisconnect reason)
    {
        if (peer.State is MemberPeerState.Dismissed) { return; }
        var wasDialled = peer.State is not MemberPeerState.Verified;
        peer.State = MemberPeerState.Dismissed;
        _sync.HandlePeerDown(peer.Id);
        if (wasDialled) { Mesh.HandleConnectFailed(peer.Id, _now); } else { Mesh.HandlePeerDown(peer.Id, _now); }
        MemberLog.Dismissed(_logger, peer.Id, reason);
        Disconnect(peer.Id, reason);
        AskOthersThan(peer.Id);
    }

    private void TurnAway(NodeId peer, MemberDisconnect reason, string why)
    {
        MemberLog.TurnedAway(_logger, peer, why);
        Disconnect(peer, reason);
    }

    private void Disconnect(NodeId peer, MemberDisconnect reason) => _farewells.Enqueue(new MemberOutput.Disconnect(peer, reason));

    // What was said to a peer comes out before it is disconnected.
    private void SayFarewell()
    {
        if (!_sync.HasUnstored)
        {
            foreach (var peer in _removed) { Dismiss(peer, MemberDisconnect.Removed); }
            _removed.Clear();
        }
        TakeStatements();
        while (_farewells.TryDequeue(out var farewell)) { _outputs.Enqueue(farewell); }
    }

    private bool IsVerified(NodeId node) => _peers.TryGetValue(node, out var peer) && peer.State is MemberPeerState.Verified;

    private bool IsShunned(NodeId node) => _shunned.TryGetValue(node, out var until) && _now < until;

    private void SendFrame(NodeId to, MeshFrameType type, ReadOnlySpan<byte> body)
    {
        var frame = new byte[body.Length + (2 * VarInt.MaxLength)];
        var writer = new SpanWriter(frame);
        writer.WriteVarInt((ulong)type);
        writer.WriteVarInt((ulong)body.Length);
        writer.WriteBytes(body);
        _outputs.Enqueue(new MemberOutput.Send(to, frame.AsMemory(0, writer.Position)));
    }

    private void TakeMeshOutputs()
    {
        // Before the numbers it uses are reserved on disk, an advertisement must not be seen by anybody.
        while (Mesh.NextSequence <= _sequenceStored && Mesh.TryTakeMessage(out var to, out var message))
        {
            _outputs.Enqueue(new MemberOutput.Send(to, message));
        }
        while (Mesh.TryTakeCommand(out var command)) { Obey(command); }
        while (Mesh.TryTakeEvent(out var happened))
        {
            _members = null; // they say who is within reach
            if (happened.Kind is MeshEventKind.GraphChanged) { HandleCoreChanged(); }
            Happened(happened.Kind switch
            {
                MeshEventKind.Reachable => new MemberEvent.Reachable(happened.Node),
                MeshEventKind.Unreachable => new MemberEvent.Unreachable(happened.Node),
                MeshEventKind.CopySeen => new MemberEvent.CopySeen(),
                _ => new MemberEvent.GraphChanged(),
            });
        }
    }

    private void Obey(MeshCommand command)
    {
        switch (command.Kind)
        {
            case MeshCommandKind.Connect when IsShunned(command.Node) || _isRemoved:
                Mesh.HandleConnectFailed(command.Node, _now);
                break;
            case MeshCommandKind.Connect:
                WantAddresses(command.Node);
                _outputs.Enqueue(new MemberOutput.Connect(command.Node));
                break;
            case MeshCommandKind.Probe:
                _outputs.Enqueue(new MemberOutput.Probe(command.Node));
                break;
            default:
                if (!_peers.TryGetValue(command.Node, out var peer) || peer.State is MemberPeerState.Dismissed || _removed.Contains(peer)) { break; }
                // The mesh lets go of a peer it had only when that breaks the rules; who is no member any more we have seen to.
                if (peer.IsInMesh && !Mesh.Peers.Contains(peer.Id)) { Misbehaved(peer, "the mesh let go of it"); }
                else { _outputs.Enqueue(new MemberOutput.Disconnect(peer.Id, MemberDisconnect.Unwanted)); }
                break;
        }
    }
}
