using Coco.Quic.Packets;

namespace Coco.Quic.Parameters;

/// <summary>
/// A server's preferred address (RFC 9000 §18.2). The core knows no addresses, so only its connection ID, which has sequence
/// number 1, and the reset token are kept.
/// <code>IPv4 (32) | port (16) | IPv6 (128) | port (16) | length (8) | Connection ID | Stateless Reset Token (128)</code>
/// </summary>
internal sealed record PreferredAddress(ConnectionId ConnectionId, StatelessResetToken ResetToken)
{
    private const int AddressesLength = 4 + 2 + 16 + 2;

    /// <summary>Null when malformed.</summary>
    public static PreferredAddress? Parse(ReadOnlySpan<byte> value)
    {
        var reader = new SpanReader(value);

        // §18.2: a zero-length connection ID here is a TRANSPORT_PARAMETER_ERROR.
        if (!reader.TryReadBytes(AddressesLength, out _)
            || !reader.TryReadByteLengthBytes(out var connectionId)
            || connectionId.Length is 0 or > ConnectionId.MaxLength
            || !reader.TryReadBytes(StatelessResetToken.Length, out var token)
            || !reader.IsEmpty)
        {
            return null;
        }
        return new(new(connectionId), new(token));
    }
}
