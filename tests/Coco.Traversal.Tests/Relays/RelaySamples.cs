using Coco.Crypto;
using Coco.Traversal.Links;
using Coco.Traversal.Records;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Tests.Relays;

/// <summary>Keys, addresses and records that tests share.</summary>
internal static class RelaySamples
{
    public static IdentityKey Key(ulong seed) => IdentityKey.Generate(new SeededRandomSource(seed));

    public static NodeId Id(ulong seed)
    {
        using var key = Key(seed);
        return key.Id;
    }

    public static NetworkAddress Address(string text) => NetworkAddress.TryParse(text, out var address) ? address : throw new FormatException(text);

    public static Link Udp(int host, int port = 4000) => new(LinkKind.Udp, 1, NetworkAddress.FromIpv4(0xC000_0200u + (uint)host, port));

    public static AddressRecord Record(ulong seed, ulong sequence, ulong expiry = 2_000_000_000)
    {
        using var key = Key(seed);
        var relay = new RelayInfo(Id(9_000), [Address("198.51.100.1:443"), Address("[2001:db8::1]:443")], "wss://relay.example/coco");
        return AddressRecord.Sign(key, sequence, expiry, [relay], [Address("192.0.2.1:4000"), Address("[2001:db8::2]:4000")]);
    }

    public static int FuzzInputs => Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 1_000_000 : 20_000;
}
