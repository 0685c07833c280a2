using Coco.Quic.Frames;
using Coco.Quic.Packets;
using Coco.Quic.Parameters;

namespace Coco.Quic.Tests.Fuzzing;

/// <summary>
/// Valid input, damaged, and plain noise: parsers never throw, never read outside (spans would throw), and never allocate by what
/// a length field says. The count follows <see cref="FuzzBudget"/>; TLS messages have the remaining share.
/// </summary>
public sealed class WireFuzzTests
{
    private const int MaxParameterAllocation = 2048;

    private readonly PacketProtection _protection = PacketProtection.Create();
    private readonly PacketKeys _keys = PacketKeys.Derive(new byte[32], AeadKind.ChaCha20Poly1305);

    // The runtime allocates a little when native functions are first called, which is not what these tests count.
    public WireFuzzTests()
    {
        var packet = new byte[64];
        _protection.Seal(_keys, 0, packet, 9, 1);
        _ = _protection.TryRemoveHeaderProtection(_keys, packet, 9, out _, out _);
        _ = _protection.TryOpen(_keys, 0, packet, 10, out _);
        _ = _protection.TryOpen(_keys, 0, packet, 10, out _);
        _ = RetryPacket.Verify(packet, default, _protection.Aes128Gcm);
    }

    [Fact]
    public void Frames_from_damaged_payloads() =>
        FuzzBudget.Run(30, random => ReadFrames(Mutator.Mutate(random, WireGenerator.Payload(random)), random));

    [Fact]
    public void Frames_from_noise() => FuzzBudget.Run(10, random => ReadFrames(random.Bytes(random.Next(64)), random));

    [Fact]
    public void Packets_from_damaged_datagrams() =>
        FuzzBudget.Run(20, random => ReadPackets(Mutator.Mutate(random, WireGenerator.Datagram(random))));

    [Fact]
    public void Packets_from_noise() => FuzzBudget.Run(5, random => ReadPackets(random.Bytes(random.Next(100))));

    [Fact]
    public void Transport_parameters_from_damaged_ones() => FuzzBudget.Run(15, random =>
    {
        var buffer = new byte[TransportParameters.MaxLength];
        var valid = ParameterGenerator.Next(random, random.Chance(2), new byte[16]);
        ReadParameters(Mutator.Mutate(random, buffer[..valid.Write(buffer, random.Source)]), random);
    });

    [Fact]
    public void Transport_parameters_from_noise() =>
        FuzzBudget.Run(5, random => ReadParameters(random.Bytes(random.Next(64)), random));

    private static void ReadFrames(byte[] payload, FuzzRandom random)
    {
        var level = random.Chance(4) ? (EncryptionLevel)random.Next(4) : EncryptionLevel.OneRtt;
        var isFromServer = !random.Chance(4);
        var consistent = true;
        Assert.Equal(0, Allocation.Of(payload, bytes => consistent &= ReadAll(bytes, level, isFromServer)));
        Assert.True(consistent);
    }

    private static bool ReadAll(byte[] payload, EncryptionLevel level, bool isFromServer)
    {
        var reader = new FrameReader(payload, level, isFromServer);
        var position = -1;
        var consistent = true;
        while (reader.TryRead(out var frame))
        {
            consistent &= reader.Position > position && frame.Type.IsAllowedIn(level) && IsConsistent(in frame);
            position = reader.Position;
        }
        return consistent && (reader.Error != QuicErrorCode.NoError || reader.Position == payload.Length);
    }

    // Reads everything a frame offers, as its owner would.
    private static bool IsConsistent(in Frame frame)
    {
        switch (frame.Type)
        {
            case FrameType.Ack or FrameType.AckEcn:
                var ranges = frame.AckRanges;
                ulong count = 0;
                var last = frame.LargestAcknowledged;
                while (ranges.TryRead(out var range))
                {
                    if (range.Smallest > range.Largest || range.Largest > last) { return false; }
                    last = range.Smallest;
                    count++;
                }
                _ = frame.Type == FrameType.AckEcn ? frame.Ecn : default;
                return !ranges.IsMalformed && count == frame.AckRangeCount + 1;
            case FrameType.NewConnectionId:
                _ = frame.ResetToken;
                return frame.ConnectionId.Length is >= 1 and <= 20 && frame.RetirePriorTo <= frame.Sequence;
            case FrameType.Stream or FrameType.Crypto:
                return frame.Offset + (ulong)frame.Data.Length <= VarInt.Max;
            default:
                return true;
        }
    }

    private void ReadPackets(byte[] datagram) => Assert.Equal(0, Allocation.Of(datagram, OpenAll));

    private void OpenAll(byte[] datagram)
    {
        var packets = new CoalescedPackets(datagram, 8);
        while (packets.TryRead(out var header, out var offset))
        {
            var packet = datagram.AsSpan(offset, header.PacketLength);
            _ = header.Token(packet);
            if (header.Type is PacketType.Retry or PacketType.VersionNegotiation)
            {
                _ = RetryPacket.Verify(packet, header.SourceConnectionId, _protection.Aes128Gcm);
                _ = VersionNegotiationPacket.IsValidAnswer(packet, default, default);
            }
            else if (_protection.TryRemoveHeaderProtection(_keys, packet, header.PacketNumberOffset, out var truncated, out var length))
            {
                var number = PacketNumber.Decode(100, truncated, 8 * length);
                _ = _protection.TryOpen(_keys, number, packet, header.PacketNumberOffset + length, out _);
            }
        }
    }

    private static void ReadParameters(byte[] bytes, FuzzRandom random)
    {
        var isFromServer = random.Chance(2);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var parsed = TransportParameters.TryParse(bytes, isFromServer, out var parameters, out _);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxParameterAllocation);
        if (!parsed) { return; }

        Assert.True(parameters.MaxUdpPayloadSize >= 1200 && parameters.AckDelayExponent <= 20);
        Assert.True(parameters.MaxAckDelayMs < 1 << 14 && parameters.ActiveConnectionIdLimit >= 2);
        Assert.True(parameters.InitialMaxStreamsBidi <= 1UL << 60 && parameters.InitialMaxStreamsUni <= 1UL << 60);
    }
}
