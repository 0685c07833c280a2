using Coco.Quic.Congestion;
using Coco.Quic.Paths;

namespace Coco.Quic.Connections;

/// <summary>Paths, their validation, and migration started by either side (RFC 9000 §8.2, §9; ours in DESIGN.md).</summary>
public sealed partial class QuicConnection
{
    private readonly List<NetworkPath> _paths = new(1);
    private NetworkPath _active;
    private NetworkPath? _fallback; // the last proved path, while the one in use is not proved
    private ushort _nextPathKey;

    // After a change of path, what the peer sent before it saw a packet of ours on the new one says nothing about where it is.
    private long _switchFirstSent; // the first packet number sent since the change; one acknowledged on the new path settles it
    private long _unsettledUntil; // or this time, should the new path carry nothing; 0 when settled
    private NetworkPath? _left; // by our own choice, while unsettled

    /// <summary>Whether this side may move the connection to another path (RFC 9000 §9.1, DESIGN.md "Migration").</summary>
    public bool MayMigrate => _confirmed && State == ConnectionState.Connected
        && (IsMigrationSymmetric || (_isClient && !_peerParameters!.DisableActiveMigration));

    /// <summary>Whether both sides agreed that either may migrate.</summary>
    public bool IsMigrationSymmetric => _options.SymmetricMigration && _peerParameters is { CocoMigration: true };

    /// <summary>The paths known to this connection, the one in use first.</summary>
    public IReadOnlyList<PathId> Paths => ListPaths();

    // Asked for each view of each connection, ten times a second.
    private PathId[] ListPaths()
    {
        var paths = new PathId[_paths.Contains(_active) ? _paths.Count : _paths.Count + 1];
        var count = 0;
        paths[count++] = _active.Id;
        foreach (var path in _paths)
        {
            if (path != _active) { paths[count++] = path.Id; }
        }
        return paths;
    }

    /// <summary>Whether the peer has shown that it receives what we send on a path.</summary>
    internal bool IsPathValidated(PathId id) => FindPath(id) is { IsAddressValidated: true };

    internal void AddPathsTo(HashSet<int> paths)
    {
        paths.Add(_active.Id.Value);
        foreach (var path in _paths) { paths.Add(path.Id.Value); }
    }

    /// <summary>Full byte streams below its paths remember it no longer.</summary>
    internal void StopWaiting()
    {
        foreach (var path in _paths) { _endpoint.StopWaiting(path.Info.Underlay, this); }
    }

    /// <summary>The path that packets are sent on.</summary>
    public PathId ActivePath => _active.Id;

    /// <summary>Bytes sent and received on a path of this connection, and its smoothed round-trip time; zeros for one that is not known.</summary>
    public (long BytesSent, long BytesReceived, TimeSpan SmoothedRtt) PathFigures(PathId id) =>
        FindPath(id) is { } path ? (path.BytesSent, path.BytesReceived, TimeSpan.FromTicks(path.Rtt.Smoothed)) : default;

    private bool MayPeerMigrate => !_isClient || IsMigrationSymmetric;

    /// <summary>Asks whether a path reaches the peer; <see cref="ConnectionEventKind.PathValidated"/> or <c>PathFailed</c> tells. False when this
    /// side may not migrate, or the peer has not yet given a spare connection ID, or too many paths are open.</summary>
    public bool TryProbePath(in PathInfo info, TimeSpan now) => Probe(info, maySharePeerId: false, now);

    private bool Probe(in PathInfo info, bool maySharePeerId, TimeSpan now)
    {
        if (!MayMigrate) { return false; }
        var path = FindPath(info.Id);
        if (path is null)
        {
            if (!TryMakeRoomForPath()) { return false; }
            var isSpare = _remoteIds.TryTakeSpare(out var remote);
            if (!isSpare && !maySharePeerId) { return false; }
            // Our own choice of address: nobody makes us flood it.
            path = AddPath(info, isSpare ? remote.Sequence : _active.RemoteConnectionId, isAddressValidated: true);
            if (isSpare) { RegisterToken(remote); }
        }
        path.Validation.Start(now.Ticks, ValidationTimeout(path));
        Qlog?.PathProbed(path.Id, now.Ticks);
        Touch();
        return true;
    }

    /// <summary>Moves the connection to a path that <see cref="TryProbePath"/> has proved. What is in flight on the old one is waited for, or with
    /// <paramref name="abandonOld"/>, for an old path that is dead, sent again at once.</summary>
    public bool TrySwitchPath(PathId id, TimeSpan now, bool abandonOld = false)
    {
        if (!MayMigrate || FindPath(id) is not { Validation.State: PathValidationState.Valid } path) { return false; }
        if (path == _active) { return true; }
        var old = _active;
        Activate(path, now.Ticks);
        _left = old;
        if (abandonOld) { AbandonInFlight(old); }
        Touch();
        return true;
    }

    /// <summary>Forgets a path that is not in use.</summary>
    public bool TryRemovePath(PathId id)
    {
        if (FindPath(id) is not { } path || path == _active || path == _fallback) { return false; }
        RemovePath(path);
        Touch();
        return true;
    }

    private void Activate(NetworkPath path, long now)
    {
        var old = _active;
        _active = path;
        _ptoCount = 0;
        _data.LastProgress = now;
        _left = null;
        _switchFirstSent = _data.NextPacketNumber;
        _unsettledUntil = now + (3 * Math.Max(PtoOf(old), PtoOf(path)));
        _pingPending = true; // the peer follows the first packet that is more than a probe, and its acknowledgement settles the change
        if (path.Validation.State == PathValidationState.Valid) { path.Mtu.OnBaseConfirmed(); }
        path.Ecn = new EcnValidator(old.Ecn.Counts, old.Outstanding);
        path.Pacer.SetRate(path.Congestion.PacingRate(path.Rtt), path.Mtu.Current, now);
        Raise(ConnectionEventKind.PathChanged, path.Id);
        QuicLog.PathChanged(_logger, path.Id.Value);
        Qlog?.PathChanged(path.Id, path.Validation.State == PathValidationState.Valid, now);
        Qlog?.Metrics(path, _ptoCount);
    }

    private NetworkPath? FindPath(PathId id)
    {
        if (_active.Id == id) { return _active; }
        foreach (var path in _paths)
        {
            if (path.Id == id) { return path; }
        }
        return null;
    }

    private NetworkPath? FindPath(ushort key)
    {
        foreach (var path in _paths)
        {
            if (path.Key == key) { return path; }
        }
        return null;
    }

    private NetworkPath AddPath(in PathInfo info, ulong remoteId, bool isAddressValidated)
    {
        var peerLimit = (int)Math.Min(_peerParameters?.MaxUdpPayloadSize ?? 65_527, 65_527);
        var path = new NetworkPath(info, _nextPathKey++, _options, peerLimit, isAddressValidated) { RemoteConnectionId = remoteId };
        _paths.Add(path);
        if (Qlog is not null && _remoteIds.TryGet(remoteId, out var remote)) { Qlog.PathAdded(path.Id, remote.Id); }
        return path;
    }

    /// <summary>A packet of the peer's opened on a path that we do not know (RFC 9000 §9.3).</summary>
    private NetworkPath? AddPeerPath(in PathInfo info, int datagramLength, long now)
    {
        // A server that has lost the way it answered on says so, and that the handshake is confirmed, on another.
        if (State is not ConnectionState.Connected || !MayPeerMigrate) { return null; }
        if (!TryMakeRoomForPath()) { return null; }

        // §9.5: an ID of its own for the path. Without a spare one the current ID goes on, as when a NAT moved the peer unasked.
        var remoteId = _active.RemoteConnectionId;
        if (_remoteIds.TryTakeSpare(out var spare))
        {
            remoteId = spare.Sequence;
            RegisterToken(spare);
        }
        var path = AddPath(info, remoteId, isAddressValidated: false);
        path.OnReceived(datagramLength, now);
        return path;
    }

    /// <summary>The newest packet that is more than a probe came on another path than the one in use: the peer has moved (RFC 9000 §9.2, §9.3).</summary>
    private void FollowPeer(NetworkPath path, bool isNew, long now)
    {
        if (!MayPeerMigrate) { return; }
        // Both sides may have chosen at once. The client's choice stands: while its change is not settled it follows nobody, and
        // the server only does not return to the path that it has just left (DESIGN.md "Migration").
        if (now < _unsettledUntil && (_isClient || path == _left)) { return; }

        var old = _active;
        if (_fallback == path) { _fallback = null; } // first: it may have failed before, and would be given up
        if (old.IsAddressValidated)
        {
            DropFallback();
            _fallback = old;
        }
        Activate(path, now);
        if (path.Validation.State == PathValidationState.Valid && !isNew) { return; }
        if (path.Validation.State != PathValidationState.Validating) { path.Validation.Start(now, ValidationTimeout(path)); }
        // §9.3.3: an attacker may have forwarded the packet from an address of its own. The old path is asked too: the true peer
        // answers there with a packet that is more than a probe, and that brings the connection back.
        if (old.Validation.State == PathValidationState.Valid) { old.Validation.Start(now, ValidationTimeout(old)); }
    }

    private static void HandlePathChallenge(NetworkPath path, ulong data) => path.Validation.QueueResponse(data);

    private void HandlePathResponse(ulong data, long now)
    {
        // RFC 9000 §8.2.2: the answer counts whatever path it came on; it names the path by its content.
        foreach (var path in _paths)
        {
            if (!path.Validation.TryComplete(data)) { continue; }
            path.MarkAddressValidated();
            if (path.Validation.WasSmall) { path.Validation.Start(now, ValidationTimeout(path)); return; } // §8.2.1: now for the size
            path.Mtu.OnBaseConfirmed();
            Raise(ConnectionEventKind.PathValidated, path.Id);
            Qlog?.PathValidated(path.Id, path == _active, now);
            if (path == _active) { DropFallback(); }
            return;
        }
    }

    private void CheckValidations(long now)
    {
        for (var i = _paths.Count - 1; i >= 0; i--)
        {
            var path = _paths[i];
            if (path.Validation.Deadline == 0 || path.Validation.Deadline > now) { continue; }
            path.Validation.MarkFailed();
            Raise(ConnectionEventKind.PathFailed, path.Id);
            Qlog?.PathFailed(path.Id, path == _active, now);
            if (path == _fallback) { continue; } // the last validated address stays known until the path in use is proved
            if (path != _active)
            {
                // In an outage each try would cost a connection ID that only the peer can replace, and with the last one would go every chance to
                // reach it: while the path in use is silent too, the ID is kept for the next try, until another path needs the room.
                if (_ptoCount > 0 && path.IsAddressValidated) { AbandonInFlight(path); }
                else { RemovePath(path); }
                continue;
            }
            if (_fallback is { } fallback)
            {
                // RFC 9000 §9.3.2: back to the last validated address.
                _fallback = null;
                var failed = _active;
                Activate(fallback, now);
                AbandonInFlight(failed);
                RemovePath(failed);
                continue;
            }
            // §8.2.4 allows to wait: packets may still get through that way, or the peer turns up elsewhere; else the connection idles out.
            if (path.IsAddressValidated) { continue; }
            // §9.3.2: no validated address is left: the connection is abandoned without a word.
            Finish(new(CloseKind.LocalTransport, (ulong)QuicErrorCode.NoViablePath, 0, "No path to the peer is left."));
            return;
        }
    }

    private void DropFallback()
    {
        if (_fallback is not { } fallback) { return; }
        _fallback = null;
        if (fallback.Validation.State == PathValidationState.Failed) { RemovePath(fallback); }
    }

    // The fallback comes on top of the limit: else a peer that moves twice before it is proved could not be followed.
    private bool TryMakeRoomForPath() => _paths.Count - (_fallback is null ? 0 : 1) < _options.MaxPaths || TryEvictPath();

    private bool TryEvictPath()
    {
        NetworkPath? oldest = null;
        foreach (var path in _paths)
        {
            if (path == _active || path == _fallback) { continue; }
            if (oldest is null || IsLessUseful(path, oldest)) { oldest = path; }
        }
        if (oldest is null) { return false; }
        RemovePath(oldest);
        return true;
    }

    private static bool IsLessUseful(NetworkPath one, NetworkPath other)
    {
        var (hasFailed, hasOtherFailed) = (one.Validation.State == PathValidationState.Failed, other.Validation.State == PathValidationState.Failed);
        return hasFailed != hasOtherFailed ? hasFailed : one.LastUsed < other.LastUsed;
    }

    private void RemovePath(NetworkPath path)
    {
        AbandonInFlight(path);
        _paths.Remove(path);
        _endpoint.StopWaiting(path.Info.Underlay, this);
        Touch(); // another path over the same stream may have to wait for it still
        Qlog?.PathRemoved(path.Id);
        if (_fallback == path) { _fallback = null; }
        if (_left == path) { _left = null; }
        if (_paths.Exists(other => other.RemoteConnectionId == path.RemoteConnectionId)) { return; }
        UnregisterToken(path.RemoteConnectionId);
        _ = _remoteIds.Retire(path.RemoteConnectionId);
    }

    private long ValidationTimeout(NetworkPath path) =>
        // RFC 9000 §8.2.4: three times the larger of the current PTO and the PTO of a new path.
        3 * Math.Max(PtoOf(path), default(RttEstimator).PtoBase(0));

    private void RegisterToken(in RemoteConnectionIds.Entry entry)
    {
        if (entry.HasToken) { _endpoint.RegisterResetToken(entry.ResetToken, this); }
    }
}
