using Coco.Quic.Packets;

namespace Coco.Quic.Parameters;

/// <summary>Parsing of a peer's parameters (RFC 9000 §18): a sequence of <c>ID (i) | Length (i) | Value</c>.</summary>
internal sealed partial class TransportParameters
{
    private const ulong MicrosecondsPerMillisecond = 1000;

    /// <summary>
    /// False means TRANSPORT_PARAMETER_ERROR (§7.4), and <paramref name="error"/> is a constant text for the CONNECTION_CLOSE.
    /// </summary>
    public static bool TryParse(
        ReadOnlySpan<byte> source, bool isFromServer, out TransportParameters parameters, out string error)
    {
        parameters = new();
        error = "";
        ulong seen = 0;
        var reader = new SpanReader(source);
        while (!reader.IsEmpty)
        {
            if (!reader.TryReadVarInt(out var rawId) || !reader.TryReadVarIntBytes(out var value))
            {
                error = "transport parameters are cut off";
                return false;
            }

            // §7.4.2: unknown parameters MUST be ignored, and so may repeat.
            var id = (TransportParameterId)rawId;
            var bit = BitOf(id);
            if (bit == 0) { continue; }

            // §7.4: an endpoint SHOULD treat a duplicate as a TRANSPORT_PARAMETER_ERROR.
            if ((seen & bit) != 0)
            {
                error = "duplicate transport parameter";
                return false;
            }
            seen |= bit;

            // §18.2: a client MUST NOT send these, and a server MUST treat them as a TRANSPORT_PARAMETER_ERROR.
            if (!isFromServer && IsServerOnly(id))
            {
                error = "transport parameter only a server may send";
                return false;
            }

            if (!parameters.TrySet(id, value))
            {
                error = "invalid value of a transport parameter";
                return false;
            }
        }

        // draft-ietf-quic-ack-frequency-14 §3: min_ack_delay MUST NOT be greater than max_ack_delay.
        if (parameters.MinAckDelayMicroseconds > parameters.MaxAckDelayMs * MicrosecondsPerMillisecond)
        {
            error = "min_ack_delay exceeds max_ack_delay";
            return false;
        }
        return true;
    }

    // A bit for each parameter we know; zero for all others.
    private static ulong BitOf(TransportParameterId id) => id switch
    {
        <= TransportParameterId.RetrySourceConnectionId or TransportParameterId.MaxDatagramFrameSize => 1UL << (int)id,
        TransportParameterId.MinAckDelay => 1UL << 62,
        TransportParameterId.CocoMigration => 1UL << 63,
        _ => 0,
    };

    private static bool IsServerOnly(TransportParameterId id) =>
        id is TransportParameterId.OriginalDestinationConnectionId or TransportParameterId.StatelessResetToken
            or TransportParameterId.PreferredAddress or TransportParameterId.RetrySourceConnectionId;

    private bool TrySet(TransportParameterId id, ReadOnlySpan<byte> value) => id switch
    {
        TransportParameterId.DisableActiveMigration => DisableActiveMigration = value.IsEmpty,
        TransportParameterId.CocoMigration => CocoMigration = value.IsEmpty,
        TransportParameterId.StatelessResetToken => TrySetStatelessResetToken(value),
        TransportParameterId.PreferredAddress => TrySetPreferredAddress(value),
        TransportParameterId.OriginalDestinationConnectionId
            or TransportParameterId.InitialSourceConnectionId
            or TransportParameterId.RetrySourceConnectionId => TrySetConnectionId(id, value),
        _ => TrySetInteger(id, value),
    };

    private bool TrySetStatelessResetToken(ReadOnlySpan<byte> value)
    {
        if (value.Length != Packets.StatelessResetToken.Length) { return false; }
        StatelessResetToken = new(value);
        return true;
    }

    private bool TrySetPreferredAddress(ReadOnlySpan<byte> value)
    {
        PreferredAddress = PreferredAddress.Parse(value);
        return PreferredAddress is not null;
    }

    private bool TrySetConnectionId(TransportParameterId id, ReadOnlySpan<byte> value)
    {
        if (value.Length > ConnectionId.MaxLength) { return false; }
        switch (id)
        {
            case TransportParameterId.OriginalDestinationConnectionId: OriginalDestinationConnectionId = new(value); break;
            case TransportParameterId.InitialSourceConnectionId: InitialSourceConnectionId = new(value); break;
            default: RetrySourceConnectionId = new(value); break;
        }
        return true;
    }

    private bool TrySetInteger(TransportParameterId id, ReadOnlySpan<byte> value)
    {
        if (!VarInt.TryRead(value, out var number, out var length) || length != value.Length) { return false; }
        switch (id)
        {
            case TransportParameterId.MaxIdleTimeout: MaxIdleTimeoutMs = number; return true;
            case TransportParameterId.MaxUdpPayloadSize: MaxUdpPayloadSize = number; return number >= MinMaxUdpPayloadSize;
            case TransportParameterId.InitialMaxData: InitialMaxData = number; return true;
            case TransportParameterId.InitialMaxStreamDataBidiLocal: InitialMaxStreamDataBidiLocal = number; return true;
            case TransportParameterId.InitialMaxStreamDataBidiRemote: InitialMaxStreamDataBidiRemote = number; return true;
            case TransportParameterId.InitialMaxStreamDataUni: InitialMaxStreamDataUni = number; return true;
            case TransportParameterId.InitialMaxStreamsBidi: InitialMaxStreamsBidi = number; return number <= MaxStreams;
            case TransportParameterId.InitialMaxStreamsUni: InitialMaxStreamsUni = number; return number <= MaxStreams;
            case TransportParameterId.AckDelayExponent: AckDelayExponent = number; return number <= MaxAckDelayExponent;
            case TransportParameterId.MaxAckDelay: MaxAckDelayMs = number; return number <= MaxMaxAckDelayMs;
            case TransportParameterId.ActiveConnectionIdLimit:
                ActiveConnectionIdLimit = number;
                return number >= MinActiveConnectionIdLimit;
            case TransportParameterId.MaxDatagramFrameSize: MaxDatagramFrameSize = number; return true;
            default: MinAckDelayMicroseconds = number; return true;
        }
    }
}
