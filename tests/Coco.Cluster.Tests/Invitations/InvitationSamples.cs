using Coco.Cluster.Invitations;
using Coco.Cluster.Membership;
using Coco.Crypto;
using Coco.Traversal;
using Coco.Traversal.Relays;

namespace Coco.Cluster.Tests.Invitations;

internal static class InvitationSamples
{
    public const ulong Now = 1_800_000_000;
    public const ulong Expiry = Now + 3600;

    public static NetworkId Network { get; } = new(Id(1));

    public static IdentityKey Key(int number) => IdentityKey.Generate(new SeededRandomSource((ulong)number));

    public static NodeId Id(int number)
    {
        using var key = Key(number);
        return key.Id;
    }

    public static JoinWish Wish(int user = 50, string name = "Ada's phone") =>
        new(new(Id(user)), Enumerable.Repeat((byte)7, 64).ToArray(), name, new("org.example.chat"), IsDevice: false, IsGateway: false);

    public static TicketSponsor Sponsor(int number)
    {
        Assert.True(NetworkAddress.TryParse("192.0.2.1:4000", out var address));
        Assert.True(NetworkAddress.TryParse("[2001:db8::1]:4000", out var other));
        return new(Id(number), [new RelayInfo(Id(9), [address], "wss://relay.example/coco")], [address, other]);
    }

    public static Ticket Ticket(int seed = 3, params int[] sponsors) => new(
        Network, TicketSecret.Generate(new SeededRandomSource((ulong)seed)), new(Role.Guest, new("kitchen"), Expiry),
        [.. (sponsors.Length == 0 ? [2] : sponsors).Select(Sponsor)]);

    public static JoinBinding Binding(int channel, NodeId joiner, NodeId sponsor) =>
        new(Enumerable.Repeat((byte)channel, JoinBinding.ExporterSize).ToArray(), joiner, sponsor);
}
