using Coco.Cluster.Graph;
using Coco.Cluster.Mesh;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Mesh;

/// <summary>A restarted node and those it remembers.</summary>
public sealed class MeshBeginningTests
{
    private readonly MeshPair _pair = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Nobody_stands_in_for_one_who_was_not_called_for_want_of_an_address(bool lacksAddress)
    {
        _pair.Node.SetRemembered(Enumerable.Range(0, 40).Select(_ => new RememberedMember(_pair.NewKey().Id, NodeClass.Stationary)), _pair.Now);
        var first = CalledWithin(0.6, fail: false);
        Assert.InRange(first.Count, 2, 12);
        foreach (var node in first) { _pair.Node.HandleConnectFailed(node, _pair.Now, lacksAddress); }

        var others = CalledWithin(0.9, fail: false);

        Assert.Equal(lacksAddress, others.Count == 0);
    }

    [Fact]
    public void Nobody_stands_in_for_those_who_may_start_a_little_later_where_a_node_has_a_link()
    {
        var friend = _pair.NewKey().Id;
        NodeId[] remembered = [friend, .. Enumerable.Range(0, 40).Select(_ => _pair.NewKey().Id)];
        _pair.Node.SetRemembered(remembered.Select(static node => new RememberedMember(node, NodeClass.Stationary)), _pair.Now);
        _pair.Node.HandlePeerUp(friend, TimeSpan.FromMilliseconds(10), _pair.Now);
        var first = CalledWithin(0.6, fail: false);
        Assert.InRange(first.Count, 2, 12);

        FailAll(first);
        var second = CalledWithin(1.2, fail: false);
        Assert.Equal(first.Order(), second.Order()); // called again, and nobody else
        FailAll(second);

        Assert.Empty(CalledWithin(1, fail: false).Except(first));

        void FailAll(List<NodeId> nodes)
        {
            foreach (var node in nodes) { _pair.Node.HandleConnectFailed(node, _pair.Now); }
        }
    }

    [Fact]
    public void Whoever_lacked_an_address_is_called_once_it_is_told_and_again_after_a_while()
    {
        _pair.Node.SetRemembered([new(Greater().Id, NodeClass.Stationary), new(Greater().Id, NodeClass.Stationary)], _pair.Now);
        var called = CalledWithin(0.1, fail: true);
        Assert.Equal(2, called.Count);
        Assert.Equal(called.Order(), _pair.Node.LackingAddress.Order());

        _pair.Node.HandleAddress(called[0], _pair.Now);

        Assert.Equal([called[0]], CalledWithin(0.1, fail: false));
        Assert.Equal([called[1]], _pair.Node.LackingAddress);
        Assert.Equal([called[1]], CalledWithin(1, fail: false));
    }

    private IdentityKey Greater()
    {
        while (true)
        {
            if (_pair.NewKey() is var key && _pair.Node.Self < key.Id) { return key; }
        }
    }

    private List<NodeId> CalledWithin(double seconds, bool fail)
    {
        var called = new List<NodeId>();
        for (var end = _pair.Now + TimeSpan.FromSeconds(seconds); _pair.Now < end; _pair.Now += TimeSpan.FromMilliseconds(10))
        {
            _pair.Node.HandleTimeout(_pair.Now);
            while (_pair.Node.TryTakeCommand(out var command))
            {
                if (command.Kind is not MeshCommandKind.Connect) { continue; }
                called.Add(command.Node);
                if (fail) { _pair.Node.HandleConnectFailed(command.Node, _pair.Now, lacksAddress: true); }
            }
        }
        return called;
    }
}
