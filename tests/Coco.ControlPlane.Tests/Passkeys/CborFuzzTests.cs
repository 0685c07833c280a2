using Coco.ControlPlane.Passkeys;

namespace Coco.ControlPlane.Tests.Passkeys;

public sealed class CborFuzzTests
{
    private static readonly int Count = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 500_000 : 20_000;

    [Theory]
    [InlineData("00", 0)]
    [InlineData("17", 23)]
    [InlineData("1818", 24)]
    [InlineData("1903e8", 1000)]
    [InlineData("1a000f4240", 1_000_000)]
    [InlineData("1b000000e8d4a51000", 1_000_000_000_000)]
    [InlineData("20", -1)]
    [InlineData("3903e7", -1000)]
    public void Integers_are_those_of_RFC_8949_appendix_A(string hex, long value)
    {
        var reader = new CborReader(Convert.FromHexString(hex));
        Assert.True(reader.TryReadInteger(out var read) && reader.IsAtEnd);
        Assert.Equal(value, read);
    }

    [Theory]
    [InlineData("1800")] // longer than it has to be
    [InlineData("190018")]
    [InlineData("5f")] // of indefinite length
    [InlineData("bf")]
    [InlineData("1c")] // reserved
    [InlineData("43aabb")] // shorter than it says
    [InlineData("5b7fffffffffffffff")]
    [InlineData("9b7fffffffffffffff")]
    [InlineData("bbffffffffffffffff")]
    [InlineData("81818181818181818181818100")] // too deep
    [InlineData("")]
    public void What_authenticators_do_not_write_is_refused(string hex)
    {
        var reader = new CborReader(Convert.FromHexString(hex));
        Assert.False(reader.TrySkip());
    }

    [Fact]
    public void Nothing_makes_it_throw_or_read_beyond_the_end()
    {
        var random = new Random(20261122);
        var seeds = new[] { Vectors.NoneEs256, Vectors.SelfEs256, Vectors.PackedEd25519 }.SelectMany(vector => new[] { Convert.FromHexString(vector.Attestation), Convert.FromHexString(vector.ClientData) }).ToArray();
        for (var i = 0; i < Count; i++)
        {
            var bytes = (byte[])seeds[random.Next(seeds.Length)].Clone();
            for (var changes = random.Next(1, 6); changes > 0; changes--) { bytes[random.Next(bytes.Length)] = (byte)random.Next(256); }
            if (random.Next(3) == 0) { bytes = bytes[..random.Next(bytes.Length)]; }
            if (random.Next(10) == 0) { random.NextBytes(bytes); }

            var reader = new CborReader(bytes);
            if (reader.TrySkip()) { Assert.InRange(reader.Consumed, 1, bytes.Length); }
            if (AttestationObject.TryRead(bytes, out var attestation)) { AuthenticatorData.TryRead(attestation!.AuthenticatorData, out _); }
            AuthenticatorData.TryRead(bytes, out _);
            ClientData.TryRead(bytes, out _);
            var keyReader = new CborReader(bytes.AsSpan(Math.Min(bytes.Length, 100)));
            CoseKey.TryRead(ref keyReader, out _);
        }
    }
}
