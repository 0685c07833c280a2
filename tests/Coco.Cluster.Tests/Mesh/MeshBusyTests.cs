using Coco.Cluster.Graph;
using Coco.Cluster.Mesh;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Mesh;

/// <summary>A node on a machine that is busy, as it notices by its own timers.</summary>
public sealed class MeshBusyTests
{
    private readonly MeshPair _pair = new();

    [Fact]
    public void Of_two_ends_that_begin_the_smaller_key_calls_at_once_and_the_greater_a_little_later()
    {
        var (smaller, greater) = Remember();

        var called = CallsWithTimersLateBy(TimeSpan.Zero);

        Assert.Equal(TimeSpan.Zero, called[greater]);
        Assert.Equal(0.3, called[smaller].TotalSeconds, 0.01);
    }

    [Fact]
    public void An_end_whose_timers_are_late_leaves_the_other_more_time_to_call()
    {
        var (smaller, greater) = Remember();

        var called = CallsWithTimersLateBy(TimeSpan.FromMilliseconds(550));

        Assert.Equal(0.55, called[greater].TotalSeconds, 0.01);
        Assert.InRange(called[smaller].TotalSeconds, 2.3, 3.5); // 0.3 s, four times what timers were late beyond the usual, and a late timer
    }

    [Fact]
    public void News_wait_for_each_other_while_timers_are_late()
    {
        Assert.Equal(0.06, WaitOfNews(TimeSpan.Zero).TotalSeconds, 0.01);
        Assert.Equal(0.56, WaitOfNews(TimeSpan.FromMilliseconds(550)).TotalSeconds, 0.01);
    }

    [Fact]
    public void A_machine_that_has_time_again_is_believed_to_have_it_though_no_timer_fires()
    {
        var wait = WaitOfNews(TimeSpan.FromSeconds(2), before: TimeSpan.FromSeconds(3));

        Assert.InRange(wait.TotalSeconds, 0.06, 0.1);
    }

    // How long until a neighbour hears of what another has told, where the node had woken so late some time before.
    private static TimeSpan WaitOfNews(TimeSpan late, TimeSpan before = default)
    {
        var pair = new MeshPair();
        var (teller, hearer) = (pair.NewPeer(), pair.NewPeer());
        pair.Node.HandleTimeout(pair.Now = pair.Node.Deadline!.Value + late);
        while (pair.Node.TryTakeMessage(out _, out _)) { }
        pair.Now += before;

        pair.Give(teller, pair.Advertise(pair.NewKey(), sequence: 1).Encoded);

        for (var start = pair.Now; pair.Now < start + TimeSpan.FromSeconds(5); pair.Now += TimeSpan.FromMilliseconds(5))
        {
            pair.Node.HandleTimeout(pair.Now);
            while (pair.Node.TryTakeMessage(out var to, out var message))
            {
                if (to == hearer.Id && HasDigest(message.Span)) { return pair.Now - start; }
            }
        }
        return TimeSpan.MaxValue;
    }

    private static bool HasDigest(ReadOnlySpan<byte> frames)
    {
        for (; !frames.IsEmpty; frames = frames[MeshNode.FrameLength(frames)..])
        {
            if (frames[0] == (byte)MeshFrameType.GraphDigest) { return true; }
        }
        return false;
    }

    private (NodeId Smaller, NodeId Greater) Remember()
    {
        NodeId smaller = default, greater = default;
        while (smaller.IsDefault || greater.IsDefault)
        {
            var other = _pair.NewKey().Id;
            if (other < _pair.Node.Self) { smaller = other; } else { greater = other; }
        }
        _pair.Node.SetRemembered([new(smaller, NodeClass.Stationary), new(greater, NodeClass.Stationary)], _pair.Now);
        return (smaller, greater);
    }

    // After how long each was called.
    private Dictionary<NodeId, TimeSpan> CallsWithTimersLateBy(TimeSpan late)
    {
        var (called, start) = (new Dictionary<NodeId, TimeSpan>(), _pair.Now);
        for (var turn = 0; turn < 50 && called.Count < 2; turn++)
        {
            _pair.Node.HandleTimeout(_pair.Now = _pair.Node.Deadline!.Value + late);
            while (_pair.Node.TryTakeCommand(out var command))
            {
                if (command.Kind is MeshCommandKind.Connect) { called.TryAdd(command.Node, _pair.Now - start); }
            }
        }
        return called;
    }
}
