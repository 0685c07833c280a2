using Coco.Traversal.Finding;
using Coco.Traversal.Tests.Finding.Model;

namespace Coco.Traversal.Tests.Finding;

public sealed class PunchTests
{
    private static readonly NatKind[] Kinds =
        [NatKind.None, NatKind.Firewall, NatKind.Open, NatKind.AddressRestricted, NatKind.PortRestricted, NatKind.Symmetric, NatKind.UdpBlocked];

    public static TheoryData<int, int> Pairs()
    {
        var data = new TheoryData<int, int>();
        foreach (var one in Kinds)
        {
            foreach (var other in Kinds) { data.Add((int)one, (int)other); }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Every_pair_of_NATs_goes_direct_where_it_can_and_says_why_where_not(int one, int other)
    {
        var (kinds, world) = (((NatKind)one, (NatKind)other), new ModelWorld((NatKind)one, (NatKind)other).Connect());
        if (IsDirect(kinds))
        {
            var took = world.RunUntil(() => !world.One.IsRelayedNow && !world.Other.IsRelayedNow, IsBirthday(kinds) ? 20 : 2);
            Assert.True(IsBirthday(kinds) || took < TimeSpan.FromSeconds(1), $"took {took}");
            Assert.All((ModelSide[])[world.One, world.Other], side => Assert.Equal(VerdictCode.Direct, side.Finder.Verdict.Code));
        }
        world.Run(20);
        Assert.Equal(IsDirect(kinds), !world.One.IsRelayedNow);
        Assert.Equal(IsDirect(kinds), !world.Other.IsRelayedNow);
        if (!IsDirect(kinds)) { AssertReason(kinds, world); }
        Assert.InRange(world.One.Sockets.Count, 1, 2); // what was opened for the attempt and did not win is closed
        Assert.InRange(world.Other.Sockets.Count, 1, 2);
    }

    private static bool IsBirthday((NatKind One, NatKind Other) kinds) => IsDirect(kinds)
        && (kinds is (NatKind.Symmetric, NatKind.Firewall or NatKind.PortRestricted) or (NatKind.Firewall or NatKind.PortRestricted, NatKind.Symmetric));

    private static bool IsDirect((NatKind, NatKind) kinds) =>
        kinds is not ((NatKind.UdpBlocked, _) or (_, NatKind.UdpBlocked) or (NatKind.Symmetric, NatKind.Symmetric));

    private static void AssertReason((NatKind One, NatKind Other) kinds, ModelWorld world)
    {
        foreach (var (own, peer, side) in (ReadOnlySpan<(NatKind, NatKind, ModelSide)>)[(kinds.One, kinds.Other, world.One), (kinds.Other, kinds.One, world.Other)])
        {
            var expected = own is NatKind.UdpBlocked ? VerdictCode.UdpBlockedHere : peer is NatKind.UdpBlocked ? VerdictCode.UdpBlockedAtPeer
                : VerdictCode.BothAddressDependent;
            Assert.Equal(expected, side.Finder.Verdict.Code);
        }
    }
}
