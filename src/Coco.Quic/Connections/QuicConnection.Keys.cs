using Coco.Quic.Packets;

namespace Coco.Quic.Connections;

/// <summary>1-RTT keys and their update (RFC 9001 §6).</summary>
public sealed partial class QuicConnection
{
    private PacketKeys? _previousReadKeys;
    private PacketKeys? _nextReadKeys;
    private bool _keyPhase;
    private long _phaseFirstSent; // first packet number sent in the current phase
    private long _phaseFirstReceived = long.MaxValue; // lowest packet number received in the current phase
    private bool _phaseAcknowledged = true; // a packet of the current phase was acknowledged: the next update is allowed
    private long _previousKeysEnd; // when the old read keys go; 0 while the peer has not followed
    private ulong _failedOpens;

    /// <summary>Key updates so far, by either side.</summary>
    public int KeyUpdates { get; private set; }

    /// <summary>Starts a key update (RFC 9001 §6.1). False while the handshake is not confirmed or an earlier update is under way.</summary>
    public bool TryUpdateKeys()
    {
        if (!_confirmed || !_phaseAcknowledged || _previousReadKeys is not null || State != ConnectionState.Connected) { return false; }
        AdvanceKeyPhase();
        Qlog?.KeysUpdated(KeyUpdates, isLocal: true);
        _pingPending = true; // the peer learns of it by a packet
        Touch();
        return true;
    }

    private void AdvanceKeyPhase()
    {
        _previousReadKeys?.Dispose();
        _previousReadKeys = _data.ReadKeys;
        _previousKeysEnd = 0;
        _data.ReadKeys = NextReadKeys();
        _nextReadKeys = null;

        var write = _data.WriteKeys!;
        _data.WriteKeys = write.DeriveNext();
        write.Dispose();

        _keyPhase = !_keyPhase;
        _phaseFirstSent = _data.NextPacketNumber;
        _phaseFirstReceived = long.MaxValue;
        _phaseAcknowledged = false;
        KeyUpdates++;
    }

    // Made once and kept, so that forged packets with the other phase bit cost no derivation each (RFC 9001 §6.3).
    private PacketKeys NextReadKeys() => _nextReadKeys ??= _data.ReadKeys!.DeriveNext();

    private void DropPreviousKeys()
    {
        if (_previousReadKeys is not null) { Qlog?.ReadKeyDiscarded(KeyUpdates - 1); }
        _previousReadKeys?.Dispose();
        _previousReadKeys = null;
        _previousKeysEnd = 0;
    }
}
