using System.Buffers;
using Coco.Mqtt.Packets;

namespace Coco.Mqtt.Tests.Packets;

public sealed class PacketFuzzTests
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 2_000_000 : 20_000;

    [Fact]
    public void Whatever_comes_is_read_or_refused_and_what_is_read_is_written_the_same_again()
    {
        var random = new Random(20261121);
        var read = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var version = random.Next(2) == 0 ? ProtocolVersion.V311 : ProtocolVersion.V5;
            var bytes = Mutated(PacketSamples.All[random.Next(PacketSamples.All.Count)](version), random);
            if (Wire.Read(bytes, version, out var error) is not { } packet)
            {
                Assert.NotEqual(ReasonCode.Success, error);
                continue;
            }
            read++;
            var written = Wire.Bytes(packet, version);
            var again = Wire.Read(written, version, out error);
            Assert.True(again is not null, $"round {round}: {Convert.ToHexString(bytes)} was written as {Convert.ToHexString(written)}: {error}");
            Assert.Equal(written, Wire.Bytes(again, version));
        }
        Assert.InRange(read, Rounds / 50, Rounds);
    }

    [Fact]
    public void Noise_is_cut_or_refused_and_never_taken_for_more_than_there_is()
    {
        var random = new Random(5);
        var buffer = new byte[64];
        for (var round = 0; round < Rounds; round++)
        {
            random.NextBytes(buffer);
            var bytes = buffer.AsMemory(0, random.Next(buffer.Length + 1));
            var input = new ReadOnlySequence<byte>(bytes);
            while (PacketCodec.TryCut(ref input, 1 << 20, out var first, out var body) is FrameStatus.Whole)
            {
                Assert.InRange(body.Length, 0, bytes.Length - 2);
                PacketCodec.Read(first, body.ToArray(), ProtocolVersion.V5, out _);
            }
        }
    }

    [Fact]
    public void A_packet_is_cut_wherever_the_bytes_were_divided()
    {
        var bytes = PacketSamples.All.SelectMany(sample => sample(ProtocolVersion.V5)).ToArray();
        for (var split = 1; split < bytes.Length; split++)
        {
            var input = Divided.At(bytes, split);
            for (var packets = 0; packets < PacketSamples.All.Count; packets++)
            {
                Assert.Equal(FrameStatus.Whole, PacketCodec.TryCut(ref input, 1 << 20, out _, out _));
            }
            Assert.True(input.IsEmpty);
        }
    }

    private static byte[] Mutated(byte[] bytes, Random random)
    {
        for (var changes = random.Next(4); changes > 0; changes--)
        {
            switch (random.Next(4))
            {
                case 0: bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[random.Next(bytes.Length)] = (byte)random.Next(256); break;
                case 2: bytes = bytes[..random.Next(1, bytes.Length + 1)]; break;
                default:
                    var at = random.Next(bytes.Length);
                    bytes = [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]];
                    break;
            }
            // Most changes of length would be found at the header and test nothing else.
            if (random.Next(2) == 0 && bytes.Length is > 2 and < 130) { bytes[1] = (byte)(bytes.Length - 2); }
        }
        return bytes;
    }

    private sealed class Divided : ReadOnlySequenceSegment<byte>
    {
        private Divided(ReadOnlyMemory<byte> memory) => Memory = memory;

        public static ReadOnlySequence<byte> At(byte[] bytes, int split)
        {
            var second = new Divided(bytes.AsMemory(split)) { RunningIndex = split };
            var first = new Divided(bytes.AsMemory(0, split)) { Next = second };
            return new(first, 0, second, bytes.Length - split);
        }
    }
}
