using Coco.ControlPlane.Passkeys;

namespace Coco.ControlPlane.Tests.Passkeys;

public sealed class VectorTests
{
    // Some of the vectors were made without verifying anybody.
    private static readonly RelyingParty Example = new("example.org", "https://example.org") { RequiresVerification = false };

    public static TheoryData<string> Good => ["NoneEs256", "SelfEs256", "LongIdEs256"];

    [Theory]
    [MemberData(nameof(Good))]
    public void Published_ceremonies_are_right(string name)
    {
        var vector = Find(name);

        var registration = Example.CheckRegistration(Bytes(vector.ClientData), Bytes(vector.Attestation), Bytes(vector.Challenge), out var made);
        var assertion = Example.CheckAssertion(Bytes(vector.SignInClientData), Bytes(vector.AuthenticatorData), Bytes(vector.Signature), made!.Key!, Bytes(vector.SignInChallenge), out _);

        Assert.Equal(((string?)null, (string?)null, CoseKey.ES256), (registration, assertion, made.Key!.Algorithm));
    }

    [Fact]
    public void A_published_sign_in_with_ed25519_is_right()
    {
        var vector = Vectors.PackedEd25519;

        // Its attestation has a certificate, which is not asked for here and refused; the key is in the data all the same.
        var registration = Example.CheckRegistration(Bytes(vector.ClientData), Bytes(vector.Attestation), Bytes(vector.Challenge), out _);
        var key = ReadKey(Bytes(vector.Attestation));
        var assertion = Example.CheckAssertion(Bytes(vector.SignInClientData), Bytes(vector.AuthenticatorData), Bytes(vector.Signature), key, Bytes(vector.SignInChallenge), out _);

        Assert.Equal(("attestation", (string?)null, CoseKey.EdDSA), (registration, assertion, key.Algorithm));
    }

    [Theory]
    [InlineData("CrossOrigin")]
    [InlineData("TopOrigin")]
    public void A_ceremony_in_a_frame_of_others_is_refused(string name)
    {
        var vector = Find(name);

        Assert.Equal("in a frame of others", Example.CheckRegistration(Bytes(vector.ClientData), Bytes(vector.Attestation), Bytes(vector.Challenge), out _));
    }

    [Theory]
    [MemberData(nameof(Good))]
    public void Any_changed_bit_of_what_is_signed_is_noticed(string name)
    {
        var vector = Find(name);
        Example.CheckRegistration(Bytes(vector.ClientData), Bytes(vector.Attestation), Bytes(vector.Challenge), out var made);
        var (client, data, signature, challenge) = (Bytes(vector.SignInClientData), Bytes(vector.AuthenticatorData), Bytes(vector.Signature), Bytes(vector.SignInChallenge));

        foreach (var bytes in new[] { client, data, signature, challenge })
        {
            for (var bit = 0; bit < bytes.Length * 8; bit++)
            {
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.NotNull(Example.CheckAssertion(client, data, signature, made!.Key!, challenge, out _));
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
    }

    [Fact]
    public void Where_somebody_has_to_be_verified_presence_is_not_enough() => Assert.Equal(
        "nobody was verified",
        (Example with { RequiresVerification = true }).CheckRegistration(Bytes(Vectors.NoneEs256.ClientData), Bytes(Vectors.NoneEs256.Attestation), Bytes(Vectors.NoneEs256.Challenge), out _));

    private static CoseKey ReadKey(byte[] attestation)
    {
        var start = attestation.AsSpan().IndexOf("hauthData"u8) + "hauthData"u8.Length;
        var reader = new CborReader(attestation.AsSpan(start));
        Assert.True(reader.TryReadBytes(out var data));
        Assert.True(AuthenticatorData.TryRead(data, out var read));
        return read!.Key!;
    }

    private static Vector Find(string name) => (Vector)typeof(Vectors).GetField(name)!.GetValue(null)!;

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex);
}
