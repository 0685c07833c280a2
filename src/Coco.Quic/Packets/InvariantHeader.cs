namespace Coco.Quic.Packets;

/// <summary>
/// What a long header means in every version of QUIC, enough to answer versions we do not speak (RFC 8999 §5.1):
/// <code>1xxxxxxx | Version (32) | DCID length (8) | DCID (0..255 bytes) | SCID length (8) | SCID (0..255 bytes) | ...</code>
/// </summary>
internal readonly ref struct InvariantHeader
{
    private InvariantHeader(
        byte firstByte, uint version, ReadOnlySpan<byte> destination, ReadOnlySpan<byte> source, int length)
    {
        FirstByte = firstByte;
        Version = version;
        DestinationConnectionId = destination;
        SourceConnectionId = source;
        Length = length;
    }

    public byte FirstByte { get; }

    public uint Version { get; }

    /// <summary>Up to 255 bytes, unlike in version 1.</summary>
    public ReadOnlySpan<byte> DestinationConnectionId { get; }

    public ReadOnlySpan<byte> SourceConnectionId { get; }

    /// <summary>Bytes up to and with the Source Connection ID.</summary>
    public int Length { get; }

    public static bool IsLong(byte firstByte) => (firstByte & 0x80) != 0;

    public static bool TryParse(ReadOnlySpan<byte> datagram, out InvariantHeader header)
    {
        header = default;
        var reader = new SpanReader(datagram);
        if (!reader.TryReadByte(out var firstByte)
            || !IsLong(firstByte)
            || !reader.TryReadUInt32(out var version)
            || !reader.TryReadByteLengthBytes(out var destination)
            || !reader.TryReadByteLengthBytes(out var source))
        {
            return false;
        }

        header = new(firstByte, version, destination, source, reader.Position);
        return true;
    }
}
