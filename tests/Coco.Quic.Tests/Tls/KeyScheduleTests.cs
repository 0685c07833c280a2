using Coco.Crypto;
using Coco.Quic.Packets;
using Coco.Quic.Tls;

namespace Coco.Quic.Tests.Tls;

/// <summary>
/// RFC 8448 §3, the simple 1-RTT handshake. Its suite is another, but the hash is ours, so every secret must come out the same.
/// </summary>
public sealed class KeyScheduleTests
{
    private static readonly byte[] Shared = Hex("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d");
    private static readonly byte[] HelloHash = Hex("860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8");
    private static readonly byte[] FinishedHash = Hex("9608102a0f1ccc6db6250b7b7e417b1a000eaada3daae4777a7686c9ff83df13");
    private static readonly byte[] ServerTraffic = Hex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");

    [Fact]
    public void The_handshake_secrets_are_those_of_the_trace()
    {
        using var schedule = new KeySchedule();
        schedule.EnterHandshake(Shared);

        Assert.Equal(Hex("1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac"), schedule.Current.ToArray());
        Assert.Equal(
            Hex("b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21"), Derive(schedule, "c hs traffic", HelloHash));
        Assert.Equal(ServerTraffic, Derive(schedule, "s hs traffic", HelloHash));
    }

    [Fact]
    public void The_application_secrets_are_those_of_the_trace()
    {
        using var schedule = new KeySchedule();
        schedule.EnterHandshake(Shared);
        schedule.EnterMaster();

        Assert.Equal(Hex("18df06843d13a08bf2a449844c5f8a478001bc4d4c627984d5a41da8d0402919"), schedule.Current.ToArray());
        Assert.Equal(
            Hex("9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5"),
            Derive(schedule, "c ap traffic", FinishedHash));
        Assert.Equal(
            Hex("a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643"),
            Derive(schedule, "s ap traffic", FinishedHash));
        Assert.Equal(
            Hex("fe22f881176eda18eb8f44529e6792c50c9a3f89452f68d8ae311b4309d3cf50"),
            Derive(schedule, "exp master", FinishedHash));
    }

    [Fact]
    public void The_keys_of_the_trace_expand_from_its_secrets()
    {
        var key = new byte[16];
        var iv = new byte[12];
        var finished = new byte[32];
        HkdfLabel.ExpandLabel(ServerTraffic, "key"u8, [], key);
        HkdfLabel.ExpandLabel(ServerTraffic, "iv"u8, [], iv);
        HkdfLabel.ExpandLabel(ServerTraffic, "finished"u8, [], finished);

        Assert.Equal(Hex("3fce516009c21727d0f2e4e86ee403bc"), key);
        Assert.Equal(Hex("5d313eb2671276ee13000b30"), iv);
        Assert.Equal(Hex("008d3b66f816ea559f96b537e885c31fc068bf492c652f01f288a1d8cdc19fc8"), finished);
    }

    [Fact]
    public void The_x25519_secret_is_that_of_the_trace()
    {
        using var client = EphemeralKey.Generate(
            new FixedRandom(Hex("49af42ba7f7994852d713ef2784bcbcaa7911de26adc5642cb634540e7ea5005")));
        Assert.True(client.TryAgree(Hex("c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f"), out var shared));

        Assert.Equal(Shared, shared.Span.ToArray());
        shared.Dispose();
    }

    [Fact] // RFC 8446 §4.1.3
    public void The_random_of_a_HelloRetryRequest_is_the_hash_of_its_name() =>
        Assert.Equal(
            System.Security.Cryptography.SHA256.HashData("HelloRetryRequest"u8), TlsProfile.HelloRetryRequestRandom.ToArray());

    private static byte[] Derive(KeySchedule schedule, string label, byte[] hash)
    {
        var secret = new byte[32];
        schedule.Derive(System.Text.Encoding.ASCII.GetBytes(label), hash, secret);
        return secret;
    }

    private static byte[] Hex(string hex) => Convert.FromHexString(hex);

    private sealed class FixedRandom(byte[] bytes) : RandomSource
    {
        public override void Fill(Span<byte> destination) => bytes.CopyTo(destination);
    }
}
