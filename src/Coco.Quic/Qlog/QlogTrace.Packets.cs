using Coco.Quic.Packets;
using Coco.Quic.Paths;

namespace Coco.Quic.Qlog;

/// <summary>Packets (draft-ietf-quic-qlog-quic-events §5.5, §5.6, §7.4).</summary>
public sealed partial class QlogTrace
{
    private long _largestSent = -1; // 1-RTT packet number

    internal void PacketSent(EncryptionLevel level, long number, int keyPhase, int size, ReadOnlySpan<byte> payload, PathId path,
        bool isMtuProbe, long now)
    {
        At(now);
        if (level == EncryptionLevel.OneRtt) { _largestSent = number; }
        BeginEvent("quic:packet_sent"u8, "transport"u8, TupleOf(path));
        WritePacketHeader(level, number, keyPhase);
        WritePacketSize(size, payload.Length);
        WriteFrames(payload, level, isSent: true);
        if (isMtuProbe) { _json.WriteBoolean("is_mtu_probe_packet"u8, true); }
        EndEvent();
    }

    internal void PacketReceived(EncryptionLevel level, long number, int size, ReadOnlySpan<byte> payload, PathId path, long now)
    {
        At(now);
        BeginEvent("quic:packet_received"u8, "transport"u8, TupleOf(path));
        WritePacketHeader(level, number, keyPhase: -1);
        WritePacketSize(size, payload.Length);
        WriteFrames(payload, level, isSent: false);
        EndEvent();
    }

    /// <summary>A Retry or Version Negotiation packet, which have neither number nor frames.</summary>
    internal void UnnumberedPacketReceived(PacketType type, int size)
    {
        BeginEvent("quic:packet_received"u8, "transport"u8);
        _json.WriteStartObject("header"u8);
        _json.WriteString("packet_type"u8, type == PacketType.Retry ? "retry"u8 : "version_negotiation"u8);
        _json.WriteEndObject();
        _json.WriteStartObject("raw"u8);
        _json.WriteNumber("length"u8, size);
        _json.WriteEndObject();
        EndEvent();
    }

    internal void PacketLost(EncryptionLevel level, long number, bool isMtuProbe)
    {
        BeginEvent("quic:packet_lost"u8, "recovery"u8);
        WritePacketHeader(level, number, keyPhase: -1);
        if (isMtuProbe) { _json.WriteBoolean("is_mtu_probe_packet"u8, true); }
        EndEvent();
    }

    private void WritePacketHeader(EncryptionLevel level, long number, int keyPhase)
    {
        _json.WriteStartObject("header"u8);
        _json.WriteString("packet_type"u8, QlogNames.OfPacketType(level));
        _json.WriteNumber("packet_number"u8, number);
        if (level == EncryptionLevel.OneRtt && keyPhase >= 0) { _json.WriteNumber("key_phase"u8, keyPhase); }
        _json.WriteEndObject();
    }

    private void WritePacketSize(int size, int payload)
    {
        _json.WriteStartObject("raw"u8);
        _json.WriteNumber("length"u8, size);
        _json.WriteNumber("payload_length"u8, payload);
        _json.WriteEndObject();
    }
}
