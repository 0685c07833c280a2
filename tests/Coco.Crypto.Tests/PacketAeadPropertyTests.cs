using FsCheck;
using FsCheck.Fluent;

namespace Coco.Crypto.Tests;

public sealed class PacketAeadPropertyTests
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(42UL, 7UL);

    [Theory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void What_is_sealed_opens_and_nothing_else_does(string cipher, AeadBackend backend)
    {
        var aead = Backends.Create(cipher, backend);
        Prop.ForAll(Packets(), input =>
        {
            var packet = new Packet(aead, input.Seed, input.AadLength, input.Length);
            var buffer = packet.Seal(aead);
            var sealedBytes = buffer.ToArray();
            var opened = packet.TryOpen(aead, buffer) && buffer.AsSpan(..input.Length).SequenceEqual(packet.Plaintext);

            var tampered = sealedBytes.ToArray();
            tampered[input.Seed % (uint)tampered.Length] ^= (byte)(1 << (int)(input.Seed % 8));
            return opened && !packet.TryOpen(aead, tampered);
        }).Check(Runs);
    }

    [Theory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void All_backends_give_the_same_bytes(string cipher, AeadBackend backend)
    {
        var (aead, reference) = (Backends.Create(cipher, backend), Backends.Create(cipher, AeadBackend.Platform));
        Prop.ForAll(Packets(), input =>
        {
            var packet = new Packet(aead, input.Seed, input.AadLength, input.Length);
            var buffer = packet.Seal(aead);
            return buffer.AsSpan().SequenceEqual(packet.Seal(reference)) && packet.Mask(aead).SequenceEqual(packet.Mask(reference));
        }).Check(Runs);
    }

    private static Arbitrary<(uint Seed, int AadLength, int Length)> Packets() => (
        from seed in Gen.Choose(0, int.MaxValue)
        from aad in Gen.Choose(0, 60)
        from length in Gen.Frequency((1, Gen.Constant(0)), (5, Gen.Choose(1, 80)), (4, Gen.Choose(81, 1500)))
        select ((uint)seed, aad, length)).ToArbitrary();

    /// <summary>A packet made from a seed; a few keys only, so that keys both change and recur between packets.</summary>
    private sealed class Packet
    {
        private readonly byte[] _key, _nonce = new byte[PacketAead.NonceSize], _aad, _sample = new byte[PacketAead.SampleSize];

        public Packet(PacketAead aead, uint seed, int aadLength, int length)
        {
            (_key, _aad, Plaintext) = (new byte[aead.KeySize], new byte[aadLength], new byte[length]);
            new SeededRandomSource(seed % 3).Fill(_key);
            var random = new SeededRandomSource(seed);
            random.Fill(_nonce);
            random.Fill(_aad);
            random.Fill(_sample);
            random.Fill(Plaintext);
        }

        public byte[] Plaintext { get; }

        public byte[] Seal(PacketAead aead)
        {
            byte[] buffer = [.. Plaintext, .. new byte[PacketAead.TagSize]];
            aead.Seal(_key, _nonce, _aad, buffer);
            return buffer;
        }

        public bool TryOpen(PacketAead aead, byte[] buffer) => aead.TryOpen(_key, _nonce, _aad, buffer);

        public byte[] Mask(PacketAead aead)
        {
            var mask = new byte[PacketAead.MaskSize];
            aead.HeaderMask(_key, _sample, mask);
            return mask;
        }
    }
}
