namespace Coco.Quic.Frames;

/// <summary>The low three bits of a STREAM frame's type (RFC 9000 §19.8).</summary>
internal static class StreamBits
{
    public const byte Fin = 0x01;
    public const byte Length = 0x02;
    public const byte Offset = 0x04;
}
