using Coco.Quic.Paths;

namespace Coco.Quic.Connections;

/// <summary>What is done when the path in use is gone, and with it the peer's help that a move takes (DESIGN.md "Paths and migration").</summary>
public sealed partial class QuicConnection
{
    /// <summary>Whether this is a client whose handshake is complete and not yet confirmed, and both sides agreed that either may migrate.</summary>
    internal bool MayReplacePath => _isClient && !_confirmed && State is ConnectionState.Connected && IsMigrationSymmetric;

    /// <summary>Puts another path in the place of the one in use, which is gone. The client may not migrate yet (RFC 9000 §9) and has no spare
    /// connection ID to validate a path with, so the peer sees what it would see had a NAT in between changed its mind, and follows.</summary>
    internal bool TryReplacePath(in PathInfo info, TimeSpan now)
    {
        if (!MayReplacePath || info.Id == _active.Id) { return false; }
        var old = _active;
        var path = FindPath(info.Id);
        if (path is null)
        {
            if (!TryMakeRoomForPath()) { return false; }
            path = AddPath(info, old.RemoteConnectionId, isAddressValidated: true);
        }
        Activate(path, now.Ticks);
        AbandonInFlight(old);
        ProbeHandshake(_handshakeSpace); // the peer may not have the end of the handshake either
        Touch();
        return true;
    }

    /// <summary>As <see cref="TryProbePath"/>, but where no spare connection ID is left the path in use lends its own. RFC 9000 §9.5 forbids that lest
    /// paths be linked, so it is only for a path on which nobody can link what he could not link before, while nothing else would bring new IDs.</summary>
    internal bool TryProbePathWithoutSpare(in PathInfo info, TimeSpan now) => Probe(info, maySharePeerId: true, now);
}
