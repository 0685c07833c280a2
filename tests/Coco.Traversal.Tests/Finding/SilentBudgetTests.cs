using Coco.Traversal.Finding;

namespace Coco.Traversal.Tests.Finding;

public sealed class SilentBudgetTests
{
    private static readonly NetworkAddress One = NetworkAddress.FromIpv4(0xC6336401, 1), Other = NetworkAddress.FromIpv4(0xC6336402, 1);

    [Fact]
    public void What_was_answered_is_given_back_and_no_more()
    {
        var budget = new SilentBudget(total: 10, perAddress: 4);
        Assert.Equal(4, Take(budget, One, TimeSpan.Zero));

        budget.GiveBack(One, 3, TimeSpan.Zero);
        Assert.Equal(3, Take(budget, One, TimeSpan.Zero));
        budget.GiveBack(Other, 100, TimeSpan.Zero); // to which nothing was sent
        budget.GiveBack(One, 100, TimeSpan.Zero);
        Assert.Equal(4, Take(budget, One, TimeSpan.Zero));
        Assert.Equal(4, Take(budget, Other, TimeSpan.Zero));
        Assert.Equal(2, Take(budget, NetworkAddress.FromIpv4(0xC6336403, 1), TimeSpan.Zero)); // ten in all
    }

    [Fact]
    public void What_is_given_back_late_makes_no_room_for_more_than_there_is()
    {
        var budget = new SilentBudget(total: 4, perAddress: 4);
        Assert.Equal(4, Take(budget, One, TimeSpan.Zero));

        budget.GiveBack(One, 4, TimeSpan.FromSeconds(30)); // of slices that are over

        Assert.Equal(0, Take(budget, Other, TimeSpan.FromSeconds(30)));
        Assert.Equal(4, Take(budget, Other, TimeSpan.FromSeconds(80)));
    }

    private static int Take(SilentBudget budget, NetworkAddress address, TimeSpan now)
    {
        var taken = 0;
        while (budget.TryTake(address, now)) { taken++; }
        return taken;
    }
}
