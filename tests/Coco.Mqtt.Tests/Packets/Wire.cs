using System.Buffers;
using Coco.Mqtt.Packets;

namespace Coco.Mqtt.Tests.Packets;

/// <summary>Packets to bytes and back.</summary>
internal static class Wire
{
    public static byte[] Bytes(MqttPacket packet, ProtocolVersion version = ProtocolVersion.V5)
    {
        var output = new ArrayBufferWriter<byte>();
        PacketCodec.Write(output, packet, version);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads one packet that is all there is. Null and the reason where it is refused.</summary>
    public static MqttPacket? Read(byte[] bytes, ProtocolVersion version, out ReasonCode error)
    {
        var input = new ReadOnlySequence<byte>(bytes);
        var status = PacketCodec.TryCut(ref input, int.MaxValue, out var first, out var body);
        error = ReasonCode.MalformedPacket;
        return status is FrameStatus.Whole && input.IsEmpty ? PacketCodec.Read(first, body.ToArray(), version, out error) : null;
    }

    public static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
