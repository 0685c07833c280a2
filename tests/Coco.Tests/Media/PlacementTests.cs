using Coco.Crypto;
using Coco.Media;

namespace Coco.Tests.Media;

public sealed class PlacementTests
{
    private static readonly NodeId[] Nodes = [.. Enumerable.Range(1, 6).Select(static i => NodeId.Read([.. Enumerable.Repeat((byte)i, 32)]))];

    [Fact]
    public void A_node_sends_as_many_copies_as_it_has()
    {
        Assert.IsType<Placement.Here>(Decide(2, 0, [], One(1, 0)));
        Assert.IsType<Placement.Nowhere>(Decide(1, 0, [], One(1, 0)));
    }

    [Fact]
    public void Then_those_that_pass_it_on_do_the_one_with_most_room_first()
    {
        var answer = Decide(2, 0, [], One(1, 3), One(2, 5));
        Assert.Equal([Nodes[2], Nodes[1]], Assert.IsType<Placement.Elsewhere>(answer).Nodes);
    }

    [Fact]
    public void But_not_those_that_the_newcomer_cannot_use_or_that_have_no_room()
    {
        var answer = Decide(3, 0, [Nodes[2]], One(1, 3), One(2, 5), One(3, 0, isWilling: true));
        Assert.Equal([Nodes[1]], Assert.IsType<Placement.Elsewhere>(answer).Nodes);
        Assert.IsType<Placement.Nowhere>(Decide(1, 0, [Nodes[2]], One(2, 5)));
    }

    [Fact]
    public void One_that_would_pass_it_on_takes_the_place_of_one_that_would_not()
    {
        Assert.Equal(Nodes[2], Assert.IsType<Placement.InPlaceOf>(Decide(2, 4, [], One(1, 3), One(2, 0))).Moved);
        Assert.IsType<Placement.Elsewhere>(Decide(2, 4, [], One(1, 3), One(2, 1)));
    }

    private static Placement Decide(int maxCopies, int copies, NodeId[] avoided, params PlacedSubscriber[] present) =>
        Placement.Decide(maxCopies, Nodes[0], copies, avoided, present);

    private static PlacedSubscriber One(int node, int copies, bool? isWilling = null) => new(Nodes[node], isWilling ?? copies > 0, copies);
}
