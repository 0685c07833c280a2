using Coco.Quic.Packets;
using Coco.Quic.Parameters;

namespace Coco.Quic.Tests.Fuzzing;

/// <summary>Draws valid transport parameters.</summary>
internal static class ParameterGenerator
{
    public static TransportParameters Next(FuzzRandom random, bool isServer, ReadOnlySpan<byte> resetToken) => new()
    {
        OriginalDestinationConnectionId = isServer ? Id(random) : null,
        RetrySourceConnectionId = isServer ? Id(random) : null,
        StatelessResetToken = isServer ? new StatelessResetToken(resetToken) : null,
        InitialSourceConnectionId = Id(random),
        MaxIdleTimeoutMs = random.NextVarInt(),
        MaxUdpPayloadSize = Math.Max(1200, random.NextVarInt()),
        InitialMaxData = random.NextVarInt(),
        InitialMaxStreamDataBidiLocal = random.NextVarInt(),
        InitialMaxStreamDataBidiRemote = random.NextVarInt(),
        InitialMaxStreamDataUni = random.NextVarInt(),
        InitialMaxStreamsBidi = random.NextVarInt() >> 2,
        InitialMaxStreamsUni = random.NextVarInt() >> 2,
        AckDelayExponent = (ulong)random.Next(0, 20),
        MaxAckDelayMs = (ulong)random.Next(1 << 13, (1 << 14) - 1),
        DisableActiveMigration = random.Chance(2),
        ActiveConnectionIdLimit = Math.Max(2, random.NextVarInt()),
        MaxDatagramFrameSize = random.NextVarInt(),
        MinAckDelayMicroseconds = random.Chance(2) ? (ulong)random.Next(1 << 20) : null,
        CocoMigration = random.Chance(2),
    };

    private static ConnectionId Id(FuzzRandom random) => ConnectionId.Generate(random.Source, random.Next(0, 20));
}
