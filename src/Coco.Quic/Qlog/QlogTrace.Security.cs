using Coco.Quic.Packets;

namespace Coco.Quic.Qlog;

/// <summary>That keys came and went, never the keys (draft-ietf-quic-qlog-quic-events §6).</summary>
public sealed partial class QlogTrace
{
    internal void KeyInstalled(EncryptionLevel level, bool isWrite) =>
        WriteKey("quic:key_updated"u8, level, isServer: isWrite != _isClient, level == EncryptionLevel.OneRtt ? 0 : -1, "tls"u8);

    /// <summary>Both 1-RTT keys moved on to a phase.</summary>
    internal void KeysUpdated(int phase, bool isLocal)
    {
        var trigger = isLocal ? "local_update"u8 : "remote_update"u8;
        WriteKey("quic:key_updated"u8, EncryptionLevel.OneRtt, isServer: false, phase, trigger);
        WriteKey("quic:key_updated"u8, EncryptionLevel.OneRtt, isServer: true, phase, trigger);
        // The old key to write with went at once, that to read with waits for stragglers.
        WriteKey("quic:key_discarded"u8, EncryptionLevel.OneRtt, isServer: !_isClient, phase - 1, trigger);
    }

    internal void ReadKeyDiscarded(int phase) =>
        WriteKey("quic:key_discarded"u8, EncryptionLevel.OneRtt, isServer: _isClient, phase, default);

    internal void KeysDiscarded(EncryptionLevel level)
    {
        WriteKey("quic:key_discarded"u8, level, isServer: false, phase: -1, "tls"u8);
        WriteKey("quic:key_discarded"u8, level, isServer: true, phase: -1, "tls"u8);
    }

    private void WriteKey(ReadOnlySpan<byte> name, EncryptionLevel level, bool isServer, int phase, ReadOnlySpan<byte> trigger)
    {
        BeginEvent(name, "security"u8);
        _json.WriteString("key_type"u8, QlogNames.OfKey(level, isServer));
        if (phase >= 0) { _json.WriteNumber("key_phase"u8, phase); }
        if (!trigger.IsEmpty) { _json.WriteString("trigger"u8, trigger); }
        EndEvent();
    }
}
