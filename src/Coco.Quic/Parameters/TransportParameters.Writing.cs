using System.Buffers.Binary;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Quic.Parameters;

/// <summary>Writing of our own parameters; values equal to their default are left out.</summary>
internal sealed partial class TransportParameters
{
    /// <summary>Bytes that hold any parameters of ours.</summary>
    public const int MaxLength = 512;

    private const int MaxGreaseLength = 16;

    /// <summary>
    /// Writes the extension's content and returns its length, at most <see cref="MaxLength"/>. One parameter is drawn at random,
    /// to keep peers able to ignore what they do not know (§18.1).
    /// </summary>
    public int Write(Span<byte> destination, RandomSource random)
    {
        var writer = new SpanWriter(destination);
        WriteConnectionId(ref writer, TransportParameterId.OriginalDestinationConnectionId, OriginalDestinationConnectionId);
        WriteInteger(ref writer, TransportParameterId.MaxIdleTimeout, MaxIdleTimeoutMs, 0);
        if (StatelessResetToken is { } token)
        {
            token.CopyTo(Begin(ref writer, TransportParameterId.StatelessResetToken, Packets.StatelessResetToken.Length));
        }
        WriteInteger(ref writer, TransportParameterId.MaxUdpPayloadSize, MaxUdpPayloadSize, DefaultMaxUdpPayloadSize);
        WriteInteger(ref writer, TransportParameterId.InitialMaxData, InitialMaxData, 0);
        WriteInteger(ref writer, TransportParameterId.InitialMaxStreamDataBidiLocal, InitialMaxStreamDataBidiLocal, 0);
        WriteInteger(ref writer, TransportParameterId.InitialMaxStreamDataBidiRemote, InitialMaxStreamDataBidiRemote, 0);
        WriteInteger(ref writer, TransportParameterId.InitialMaxStreamDataUni, InitialMaxStreamDataUni, 0);
        WriteInteger(ref writer, TransportParameterId.InitialMaxStreamsBidi, InitialMaxStreamsBidi, 0);
        WriteInteger(ref writer, TransportParameterId.InitialMaxStreamsUni, InitialMaxStreamsUni, 0);
        WriteInteger(ref writer, TransportParameterId.AckDelayExponent, AckDelayExponent, DefaultAckDelayExponent);
        WriteInteger(ref writer, TransportParameterId.MaxAckDelay, MaxAckDelayMs, DefaultMaxAckDelayMs);
        WriteFlag(ref writer, TransportParameterId.DisableActiveMigration, DisableActiveMigration);
        WriteInteger(
            ref writer, TransportParameterId.ActiveConnectionIdLimit, ActiveConnectionIdLimit, MinActiveConnectionIdLimit);
        WriteConnectionId(ref writer, TransportParameterId.InitialSourceConnectionId, InitialSourceConnectionId);
        WriteConnectionId(ref writer, TransportParameterId.RetrySourceConnectionId, RetrySourceConnectionId);
        WriteInteger(ref writer, TransportParameterId.MaxDatagramFrameSize, MaxDatagramFrameSize, 0);
        // Zero says something here, so null is the value left out.
        WriteInteger(ref writer, TransportParameterId.MinAckDelay, MinAckDelayMicroseconds ?? ulong.MaxValue, ulong.MaxValue);
        WriteFlag(ref writer, TransportParameterId.CocoMigration, CocoMigration);
        WriteGrease(ref writer, random);
        return writer.Position;
    }

    private static Span<byte> Begin(ref SpanWriter writer, TransportParameterId id, int length)
    {
        writer.WriteVarInt((ulong)id);
        writer.WriteVarInt((ulong)length);
        return writer.Reserve(length);
    }

    private static void WriteInteger(ref SpanWriter writer, TransportParameterId id, ulong value, ulong defaultValue)
    {
        if (value != defaultValue) { VarInt.Write(Begin(ref writer, id, VarInt.Length(value)), value); }
    }

    private static void WriteFlag(ref SpanWriter writer, TransportParameterId id, bool value)
    {
        if (value) { Begin(ref writer, id, 0); }
    }

    private static void WriteConnectionId(ref SpanWriter writer, TransportParameterId id, ConnectionId? value)
    {
        if (value is { } connectionId) { connectionId.CopyTo(Begin(ref writer, id, connectionId.Length)); }
    }

    // §18.1: identifiers of the form 31 N + 27 are reserved for this.
    private static void WriteGrease(ref SpanWriter writer, RandomSource random)
    {
        Span<byte> drawn = stackalloc byte[1 + sizeof(ulong)];
        random.Fill(drawn);
        var n = BinaryPrimitives.ReadUInt64BigEndian(drawn[1..]) % ((VarInt.Max - 27) / 31);
        random.Fill(Begin(ref writer, (TransportParameterId)((31 * n) + 27), drawn[0] % (MaxGreaseLength + 1)));
    }
}
