using Coco.Quic.Frames;
using Coco.Quic.Packets;
using Coco.Quic.Paths;

namespace Coco.Quic.Connections;

/// <summary>Connection IDs: giving ours, using and retiring the peer's (RFC 9000 §5.1).</summary>
public sealed partial class QuicConnection
{
    /// <summary>Gives the peer as many IDs as it takes, so that each side has spares for new paths (RFC 9000 §5.1.1).</summary>
    private void IssueConnectionIds()
    {
        var limit = Math.Min((ulong)_options.ActiveConnectionIdLimit, _peerParameters!.ActiveConnectionIdLimit);
        while (!_localIds.IsFull && (ulong)_localIds.Entries.Length < limit)
        {
            _endpoint.Register(_localIds.Issue(_random, announced: false), this);
        }
    }

    private bool HandleNewConnectionId(scoped in Frame frame, long now)
    {
        // RFC 9000 §19.15: to a peer that we reach with a zero-length ID, it is a PROTOCOL_VIOLATION.
        if (_peerHandshakeId.IsEmpty) { return Fail(QuicErrorCode.ProtocolViolation, frame.Type, "a peer without connection IDs issued one", now); }
        var error = _remoteIds.Add(frame.Sequence, frame.RetirePriorTo, frame.ConnectionId, frame.ResetToken);
        if (error != QuicErrorCode.NoError) { return Fail(error, frame.Type, "the peer's new connection ID breaks a rule", now); }

        // §5.1.2: paths change to other IDs, the one in use first; a path for which none is left is given up.
        if (!TryReplaceId(_active, frame.Type, now)) { return false; }
        for (var i = _paths.Count - 1; i >= 0; i--)
        {
            if (!TryReplaceId(_paths[i], frame.Type, now)) { return false; }
        }
        error = _remoteIds.RetireUnusedPrior();
        return error == QuicErrorCode.NoError || Fail(error, frame.Type, "the peer retires connection IDs without end", now);
    }

    private bool TryReplaceId(NetworkPath path, FrameType frame, long now)
    {
        if (!_remoteIds.MustRetire(path.RemoteConnectionId)) { return true; }
        if (!_remoteIds.TryTakeSpare(out var spare))
        {
            if (path != _active) { RemovePath(path); }
            return true;
        }
        var old = path.RemoteConnectionId;
        path.RemoteConnectionId = spare.Sequence;
        RegisterToken(spare);
        if (_paths.Exists(other => other.RemoteConnectionId == old)) { return true; }
        UnregisterToken(old);
        var error = _remoteIds.Retire(old);
        return error == QuicErrorCode.NoError || Fail(error, frame, "the peer retires connection IDs without end", now);
    }

    private bool HandleRetireConnectionId(scoped in Frame frame, NetworkPath path, long now)
    {
        // RFC 9000 §19.16: a sequence number never issued, or that of the very packet, is a PROTOCOL_VIOLATION.
        if (frame.Sequence >= _localIds.NextSequence)
        {
            return Fail(QuicErrorCode.ProtocolViolation, frame.Type, "the peer retired a connection ID that was not issued", now);
        }
        if (frame.Sequence == path.LocalConnectionId)
        {
            return Fail(QuicErrorCode.ProtocolViolation, frame.Type, "the peer retired the connection ID of the same packet", now);
        }
        if (!_localIds.TryRetire(frame.Sequence, out var id)) { return true; }
        _endpoint.Unregister(id);
        IssueConnectionIds();
        return true;
    }

    /// <summary>What the client made up for its first packet (RFC 9000 §7.2) leads here as long as the connection lives, so that a late or
    /// replayed copy of that packet does not look like a new peer.</summary>
    private void UnregisterClientChosenId()
    {
        if (_isClient || _clientChosenId.IsEmpty) { return; }
        _endpoint.Unregister(_clientChosenId);
        _clientChosenId = default;
    }

    private void UnregisterToken(ulong sequence)
    {
        if (_remoteIds.TryGet(sequence, out var entry) && entry.HasToken) { _endpoint.UnregisterResetToken(entry.ResetToken, this); }
    }

    private void NotePeerUsedId(NetworkPath path, ReadOnlySpan<byte> id)
    {
        if (_localIds.TryFind(new ConnectionId(id), out var sequence)) { path.LocalConnectionId = sequence; }
    }

    private bool IsStatelessReset(ReadOnlySpan<byte> packet)
    {
        foreach (var path in _paths)
        {
            if (_remoteIds.TryGet(path.RemoteConnectionId, out var remote) && remote.HasToken && StatelessReset.IsReset(packet, remote.ResetToken)) { return true; }
        }
        return false;
    }
}
