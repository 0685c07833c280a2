using Coco.Traversal.Relays;

namespace Coco.Traversal.Tests.Relays;

public sealed class RelayPresenceTests
{
    private readonly RelayRig _rig = new(new() { HasPresence = true, MaxWaitingLookups = 3 });

    [Fact]
    public void Who_is_not_registered_here_is_asked_for_once_and_all_who_wait_are_answered()
    {
        var (one, two) = (_rig.Add(1), _rig.Add(2));
        Ask(one, 5, 1);
        Ask(one, 6, 1);
        Ask(two, 7, 1);
        Assert.True(_rig.Server.TryTakeQuestion(out var target));
        Assert.Equal(RelaySamples.Id(1), target);
        Assert.False(_rig.Server.TryTakeQuestion(out _));
        Assert.Empty(Found(one));

        _rig.Server.HandleFound(target, RelaySamples.Record(1, 8));
        Assert.Equal([(5ul, 8ul), (6ul, 8ul)], Found(one));
        Assert.Equal([(7ul, 8ul)], Found(two));
        _rig.Server.HandleFound(target, null); // nobody waits any more
        Assert.Empty(Found(one));
    }

    [Fact]
    public void The_newest_counts_whoever_knows_it_and_a_foreign_record_does_not()
    {
        var client = _rig.Add(1);
        Ask(client, 1, 1);
        _rig.Server.HandleFound(RelaySamples.Id(1), RelaySamples.Record(1, 8));
        Ask(client, 2, 1);
        _rig.Server.HandleFound(RelaySamples.Id(1), RelaySamples.Record(1, 3));
        Ask(client, 3, 1);
        _rig.Server.HandleFound(RelaySamples.Id(1), RelaySamples.Record(2, 99));
        Assert.Equal([(1ul, 8ul), (2ul, 8ul), (3ul, 8ul)], Found(client));
    }

    [Fact]
    public void Beyond_so_many_that_wait_the_answer_is_what_is_known_here()
    {
        var client = _rig.Add(1);
        for (var i = 1ul; i <= 4; i++) { Ask(client, i, i); }
        Assert.Equal([(4ul, 0ul)], Found(client));
        while (_rig.Server.TryTakeQuestion(out var target)) { _rig.Server.HandleFound(target, null); }
        Assert.Equal([(1ul, 0ul), (2ul, 0ul), (3ul, 0ul)], Found(client));
        Ask(client, 5, 5);
        Assert.True(_rig.Server.TryTakeQuestion(out _));
    }

    [Fact]
    public void What_is_published_is_told_and_who_is_registered_is_not_asked_for()
    {
        var owner = _rig.Server.AddClient(RelaySamples.Id(1), RelaySamples.Udp(1), _rig.Now);
        _rig.Say(owner, RelayRig.Registration(RelaySamples.Record(1, 5)));
        _rig.Say(owner, new RelayMessage.Publish(RelaySamples.Record(1, 6)));
        Assert.True(_rig.Server.TryTakePublished(out var first) && _rig.Server.TryTakePublished(out var second) && (first.Sequence, second.Sequence) == (5, 6));
        Assert.False(_rig.Server.TryTakePublished(out _));

        var client = _rig.Add(2);
        Ask(client, 1, 1);
        Assert.Equal([(1ul, 6ul)], Found(client));
        Assert.False(_rig.Server.TryTakeQuestion(out _));

        _rig.Server.RemoveClient(owner, _rig.Now); // it may be elsewhere now
        Ask(client, 2, 1);
        Assert.True(_rig.Server.TryTakeQuestion(out _));
    }

    private void Ask(int client, ulong request, ulong seed) => _rig.Say(client, new RelayMessage.Resolve(request, RelaySamples.Id(seed)));

    private (ulong Request, ulong Sequence)[] Found(int client) =>
        [.. _rig.Take(client).OfType<RelayMessage.Found>().Select(found => (found.Request, found.Record?.Sequence ?? 0))];
}
