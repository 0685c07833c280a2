using System.Buffers.Binary;
using Coco.Crypto;
using Coco.Topics;
using Coco.Topics.Core;

namespace Coco.Tests.Topics;

/// <summary>An app with more filters than a node may tell others.</summary>
public sealed class WideningTests
{
    private static readonly string[] Levels = ["a", "b", "c", "d", ""];
    private static readonly string[] FirstLevels = ["a", "b", "c", "$x", "$y"];

    [Fact]
    public void What_is_told_covers_all_filters_and_is_never_more_than_may_be_told()
    {
        for (var seed = 1; seed <= 300; seed++)
        {
            var random = new Random(seed);
            var most = random.Next(4, 24);
            var own = new OwnInterests(new() { MaxFilters = most });
            var subscriptions = new List<LocalSubscription>();
            for (var step = 0; step < 200; step++)
            {
                Change(own, subscriptions, random);
                if (random.Next(8) == 0) { own.Narrow(); }

                var told = own.Take();
                Assert.True(told.Length <= most, $"seed {seed}, step {step}: {told.Length} filters are told, not {most}");
                Assert.Equal(told.Length, told.Select(static one => one.Filter).Distinct(StringComparer.Ordinal).Count());
                foreach (var one in subscriptions)
                {
                    Assert.True(told.Any(wider => IsCovered(one.Filter, wider.Filter)), $"seed {seed}, step {step}: {one.Filter} is not covered by {string.Join(' ', told.Select(static all => all.Filter))}");
                    if (one.Options.HistoryCount > 0) { Assert.Contains(told, wider => wider.Filter == one.Filter && wider.HistoryCount >= (ulong)one.Options.HistoryCount); }
                }
            }
        }
    }

    [Fact]
    public void Where_few_are_left_they_are_told_as_they_are_but_for_those_that_another_covers()
    {
        for (var seed = 1; seed <= 300; seed++)
        {
            var random = new Random(seed);
            var most = random.Next(4, 24);
            var own = new OwnInterests(new() { MaxFilters = most });
            var filters = new HashSet<string>(StringComparer.Ordinal);
            while (filters.Count < 60) { filters.Add(RandomFilter(random)); }
            var all = filters.Select(Plain).ToList();
            all.ForEach(one => own.Add(one));

            all.Skip(most).ToList().ForEach(one => own.Remove(one));
            own.Narrow();

            var left = all.Take(most).Select(static one => one.Filter).ToList();
            own.Take(); // what is told once
            Assert.Equal(left.Where(one => !left.Exists(other => other != one && IsCovered(one, other))).Order(StringComparer.Ordinal), own.Take().Select(static one => one.Filter).Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [InlineData("a/# a/b/c a/+/c", "a/#")]
    [InlineData("+/b a/b $x/b", "+/b $x/b")]
    [InlineData("# a/b $x $x/#", "# $x/#")]
    [InlineData("a/b/c/1 a/b/c/2 a/b/c/3 a/b/d a/e f g", "a/b/c/# a/b/d a/e f g")] // the deepest first
    [InlineData("a/1 a/2 b/1 b/2 b/3 c d", "a/1 a/2 b/# c d")] // of equally deep ones the most
    [InlineData("a/1 a/2 b/1 b/2 c/1 $x/1 $x/2 d", "a/# b/# c/1 $x/# d")]
    [InlineData("a b c d e f $x/1", "# $x/1")] // nothing else stands for all of them
    [InlineData("+/1 +/2 +/3 a/1 a/2 a/3 b", "+/1 +/2 +/3 b")]
    [InlineData("+/1/a +/1/b +/1/c a/1/x b/1 c d e f", "+/1/# c d e f")] // what is widened covers others, too
    public void Filters_are_widened_from_their_ends(string filters, string told)
    {
        var cover = new FilterCover(1024);
        foreach (var filter in filters.Split(' ')) { cover.TryAdd(filter); }

        cover.Widen(5);

        Assert.Equal(told.Split(' ').Order(StringComparer.Ordinal), cover.Filters.Order(StringComparer.Ordinal));
        Assert.Equal(cover.Count, cover.Filters.Count());
    }

    [Fact]
    public void A_filter_for_which_none_can_be_widened_is_refused_with_what_to_do()
    {
        var own = new OwnInterests(new() { MaxFilters = 4, MaxSubscribed = 6 });
        foreach (var filter in (string[])["$a/1", "$b/1", "$c/1"]) { own.Add(Plain(filter)); }

        Assert.True(own.HasRoomFor("$a/2", new(), out _));
        Assert.True(own.HasRoomFor("d", new(), out _));
        own.Add(Plain("d"));
        Assert.False(own.HasRoomFor("$e", new(), out var reason));
        Assert.Contains("MaxFilters", reason, StringComparison.Ordinal);
        Assert.False(own.HasRoomFor("d/1", new() { HistoryCount = 1 }, out _));
        own.Add(Plain("d/2"));
        own.Add(Plain("d/3"));
        Assert.False(own.HasRoomFor("d/4", new(), out reason));
        Assert.Contains("MaxSubscribed", reason, StringComparison.Ordinal);
        Assert.True(own.HasRoomFor("d/3", new(), out _)); // the same once more
    }

    [Fact]
    public void A_prefix_too_long_to_be_widened_leaves_it_to_a_shorter_one()
    {
        var name = new string('x', 13);
        var cover = new FilterCover(16);
        foreach (var filter in (string[])[$"a/{name}", $"a/{name}/", "b", "c"]) { cover.TryAdd(filter); }

        cover.Widen(3);

        Assert.Equal(["a/#", "b", "c"], cover.Filters.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(16_384)] // nothing is widened
    public void Each_of_many_subscriptions_gets_what_its_own_filter_is_for_once(int mostTold)
    {
        var told = Enumerable.Range(1, 12).Max(seed => Play(seed, mostTold));
        Assert.True(mostTold == 6 ? told <= 6 : told > 20, $"{told} filters were told");
    }

    [Fact]
    public void Wider_filters_bring_nothing_that_the_policy_does_not_let_a_node_have()
    {
        var world = new TopicSimulation(seed: 5, loss: 0, new() { MaxFilters = 2 }) { Allows = static (_, topic) => topic.EndsWith("/open", StringComparison.Ordinal) };
        var (publisher, subscriber) = (world.Add(), world.Add());
        world.Refresh();
        for (var i = 0; i < 20; i++) { subscriber.Subscribe($"home/{i}/open"); }
        world.RunUntil(TimeSpan.FromSeconds(5));
        Assert.Contains("home/#", subscriber.Exchange.Told);

        for (var i = 0; i < 20; i++) { publisher.Publish($"home/{i}/open", i); }
        world.RunUntil(TimeSpan.FromSeconds(10));
        var sent = publisher.SentBytes;
        for (var i = 0; i < 20; i++) { publisher.Publish($"home/{i}/closed", 100 + i); }
        world.RunUntil(TimeSpan.FromSeconds(15));

        Assert.Equal(Enumerable.Range(0, 20), subscriber.Inbox.Heard.Keys.Order());
        Assert.Equal(sent, publisher.SentBytes);
    }

    [Fact] // who seems to want it by a wider filter does not, and another may have it
    public void What_is_denied_to_those_who_seem_to_want_it_alone_is_not_denied()
    {
        var (lucky, isOpen) = (default(NodeId), true);
        var world = new TopicSimulation(seed: 11, loss: 0, new() { MaxFilters = 2 }) { AllowsAt = (at, topic) => !topic.EndsWith("/closed", StringComparison.Ordinal) || (isOpen && at == lucky) };
        var (publisher, subscriber, third) = (world.Add(), world.Add(), world.Add());
        lucky = third.Id;
        world.Refresh();
        publisher.Publish("first", 0); // who publishes hears what others want
        for (var i = 0; i < 20; i++) { subscriber.Subscribe($"home/{i}/open"); }
        world.RunUntil(TimeSpan.FromSeconds(5));
        Assert.Contains("home/#", subscriber.Exchange.Told);

        Assert.False(IsDenied("home/1/closed"));
        Assert.False(IsDenied("other/closed")); // nobody wants it
        isOpen = false;
        Assert.True(IsDenied("home/2/closed"));

        bool IsDenied(string topic) => publisher.Exchange.Publish(topic, "x"u8, new(), null, world.Now, world.Wall).IsDenied;
    }

    [Fact] // a keeper tells a value to who begins to subscribe
    public void A_new_filter_gets_a_value_that_did_not_come_by_a_wider_one()
    {
        var (isOpen, shutOut) = (false, default(NodeId));
        var world = new TopicSimulation(seed: 6, loss: 0) { Allows = (node, topic) => isOpen || node != shutOut || topic != "home/7" };
        var (publisher, subscriber, _) = (world.Add(), world.Add(), world.Add());
        shutOut = subscriber.Id;
        world.Refresh();
        subscriber.Subscribe("home/#");
        world.RunUntil(TimeSpan.FromSeconds(5));
        publisher.Publish("home/7", 7, isRetained: true);
        world.RunUntil(TimeSpan.FromSeconds(10));
        publisher.Crash();
        world.RunUntil(TimeSpan.FromSeconds(20));
        world.Refresh();
        isOpen = true;
        world.Refresh();
        world.RunUntil(TimeSpan.FromSeconds(25));

        var sink = new Sink("home/7");
        subscriber.Subscribe(new LocalSubscription(sink.Filter, new(), sink));
        world.RunUntil(TimeSpan.FromSeconds(30));

        sink.Begin(6, 0, new(StringComparer.Ordinal) { ["home/7"] = 7 });
    }

    [Fact]
    public void What_came_by_a_wider_filter_before_anybody_wanted_it_goes_on_after_a_partition()
    {
        var world = new TopicSimulation(seed: 7, loss: 0, new() { MaxFilters = 4 });
        var (publisher, subscriber) = (world.Add(), world.Add());
        world.Refresh();
        for (var i = 0; i < 20; i++) { subscriber.Subscribe($"home/{i}"); }
        var other = new LocalSubscription("$other/1", new(), new Sink("$other/1"));
        subscriber.Subscribe(other);
        world.RunUntil(TimeSpan.FromSeconds(5));
        publisher.Publish("home/99", 1);
        world.RunUntil(TimeSpan.FromSeconds(6));
        subscriber.Unsubscribe(other);
        subscriber.Subscribe("home/99");
        world.RunUntil(TimeSpan.FromSeconds(10));

        world.SetApart(subscriber, isApart: true);
        for (var number = 2; number <= 5; number++) { publisher.Publish("home/99", number); }
        world.RunUntil(TimeSpan.FromSeconds(60));
        world.SetApart(subscriber, isApart: false);
        world.RunUntil(TimeSpan.FromSeconds(100));

        Assert.Equal([2, 3, 4, 5], subscriber.Inbox.Heard.Keys);
    }

    [Fact]
    public void When_subscriptions_end_what_is_told_is_narrow_again_within_seconds()
    {
        var world = new TopicSimulation(seed: 8, loss: 0, new() { MaxFilters = 8 });
        var (subscriber, other) = (world.Add(), world.Add());
        world.Refresh();
        LocalSubscription[] all = [.. Enumerable.Range(0, 200).Select(static i => Plain($"home/{i}/light"))];
        foreach (var one in all) { subscriber.Subscribe(one); }
        for (var i = 0; i < 80; i++) { subscriber.Subscribe($"office/1/2/{i}"); } // with these, narrowing is put off
        world.RunUntil(TimeSpan.FromSeconds(5));
        Assert.Contains("home/#", subscriber.Exchange.Told);

        foreach (var one in all.Skip(3)) { subscriber.Unsubscribe(one); }
        world.RunUntil(TimeSpan.FromSeconds(8));

        Assert.Equal(["home/0/light", "home/1/light", "home/2/light", "office/1/2/#"], subscriber.Exchange.Told.Order(StringComparer.Ordinal));
        other.Publish("home/5/light", 1); // knows of nobody who wants it
        var sent = other.SentBytes;
        world.RunUntil(TimeSpan.FromSeconds(9));
        Assert.Equal(sent, other.SentBytes);
    }

    [Fact]
    public void Many_subscriptions_at_once_are_told_in_few_records()
    {
        var world = new TopicSimulation(seed: 9, loss: 0);
        var (subscriber, _) = (world.Add(), world.Add());
        world.Refresh();
        subscriber.Subscribe("first");
        world.RunUntil(TimeSpan.FromSeconds(5));
        var sent = subscriber.SentBytes;

        for (var i = 0; i < 1000; i++) { subscriber.Subscribe($"home/{i}/light"); }
        world.RunUntil(TimeSpan.FromSeconds(6));

        Assert.Equal(1001, subscriber.Exchange.Told.Count());
        Assert.True(subscriber.SentBytes - sent < 150_000, $"{subscriber.SentBytes - sent} bytes"); // about 8 MB in a record for each
    }

    // Subscriptions of one node come and go while two others publish. Says how many filters were told at most.
    private static int Play(int seed, int mostTold)
    {
        var world = new TopicSimulation(seed, loss: 0.02, new() { MaxFilters = mostTold });
        SimulatedNode[] nodes = [world.Add(), world.Add(), world.Add()];
        world.Refresh();
        world.RunUntil(TimeSpan.FromSeconds(2));
        var random = new Random(seed);
        var live = new List<(LocalSubscription Subscription, Sink Sink)>();
        var sinks = new List<Sink>();
        var published = new List<string>(); // topics, by number
        var values = new Dictionary<string, int>(StringComparer.Ordinal);
        var told = 0;
        for (var round = 0; round < 40; round++)
        {
            for (var i = 0; i < 6; i++)
            {
                if (live.Count > 4 && random.Next(round < 25 ? 4 : 2) == 0) { End(live[random.Next(live.Count)]); }
                else { Begin(new(RandomFilter(random))); }
                Publish(); // amid the changes, for those that were there before
                world.RunUntil(world.Now + TimeSpan.FromMilliseconds(random.Next(30)));
            }
            world.RunUntil(world.Now + TimeSpan.FromSeconds(random.Next(2, 4)));
            foreach (var (_, sink) in live) { sink.Begin(seed, published.Count, values); }
            told = Math.Max(told, nodes[0].Exchange.Told.Count());
            if (round % 2 == 0)
            {
                var topic = TopicOf(RandomFilter(random));
                values[topic] = published.Count;
                nodes[1].Publish(topic, published.Count, isRetained: true);
                published.Add(topic);
            }
            for (var i = 0; i < 5; i++) { Publish(); }
            world.RunUntil(world.Now + TimeSpan.FromSeconds(2));
            foreach (var (_, sink) in live) { sink.End(published.Count); }
        }
        sinks.ForEach(sink => sink.Check(seed, published));
        return told;

        void Publish()
        {
            published.Add(TopicOf(RandomFilter(random)));
            nodes[1 + random.Next(2)].Publish(published[^1], published.Count - 1);
        }

        void Begin(Sink sink)
        {
            var subscription = new LocalSubscription(sink.Filter, new(), sink);
            sinks.Add(sink);
            live.Add((subscription, sink));
            nodes[0].Subscribe(subscription);
        }

        void End((LocalSubscription Subscription, Sink Sink) one)
        {
            one.Sink.IsOver = true;
            nodes[0].Unsubscribe(one.Subscription);
            live.Remove(one);
        }
    }

    private static void Change(OwnInterests own, List<LocalSubscription> subscriptions, Random random)
    {
        if (subscriptions.Count > 0 && random.Next(3) == 0)
        {
            var at = random.Next(subscriptions.Count);
            own.Remove(subscriptions[at]);
            subscriptions.RemoveAt(at);
            return;
        }
        var one = new LocalSubscription(RandomFilter(random), new() { HistoryCount = random.Next(30) == 0 ? random.Next(1, 5) : 0, Retained = random.Next(2) == 0 }, new Sink(""));
        if (!own.HasRoomFor(one.Filter, one.Options, out _)) { return; }
        own.Add(one);
        subscriptions.Add(one);
    }

    private static LocalSubscription Plain(string filter) => new(filter, new(), new Sink(filter));

    private static string RandomFilter(Random random)
    {
        var levels = new List<string> { random.Next(12) == 0 ? "+" : FirstLevels[random.Next(FirstLevels.Length)] };
        while (levels.Count < 5 && random.Next(5) > 0) { levels.Add(random.Next(6) == 0 ? "+" : Levels[random.Next(Levels.Length)]); }
        if (random.Next(8) == 0) { levels.Add("#"); }
        return random.Next(60) == 0 ? "#" : string.Join('/', levels);
    }

    // A topic that a filter is for.
    private static string TopicOf(string filter) => string.Join('/', filter.Split('/').Select(static level => level is "+" or "#" ? "b" : level));

    // By the definition, level by level, and not as the code under test does it.
    private static bool IsCovered(string filter, string by)
    {
        if (filter is ['$', ..] && by is ['+' or '#', ..]) { return false; }
        var (narrow, wide) = (filter.Split('/'), by.Split('/'));
        for (var at = 0; at < wide.Length; at++)
        {
            if (wide[at] == "#") { return true; }
            if (at >= narrow.Length || narrow[at] == "#" || (wide[at] != "+" && wide[at] != narrow[at])) { return false; }
        }
        return wide.Length == narrow.Length;
    }

    /// <summary>What one subscription got, by number, and from which number to which it must have got all.</summary>
    private sealed class Sink(string filter) : ITopicInbox
    {
        private readonly List<(int Number, string Topic, bool IsValue)> _got = [];
        private int _from = -1;
        private int _to;

        public string Filter => filter;

        public bool IsOver { get; set; }

        public bool TryAdd(TopicMessage message, bool isAcknowledged)
        {
            Assert.False(IsOver, $"{filter} got {message.Topic} after its end");
            _got.Add((BinaryPrimitives.ReadInt32BigEndian(message.Data.Span), message.Topic, message.IsRetained));
            return true;
        }

        public void AddMissed(string topic, NodeId publisher, long count) => Assert.Fail($"{filter} missed {count} of {topic}");

        /// <summary>Others know of it now: the values that were there before are here.</summary>
        public void Begin(int seed, int number, Dictionary<string, int> values)
        {
            if (_from >= 0) { return; }
            _from = number;
            var lacks = values.Where(value => TopicFilter.Matches(filter, value.Key) && !_got.Exists(one => one.Number == value.Value && one.IsValue)).Select(static value => value.Key);
            Assert.True(!lacks.Any(), $"seed {seed}: {filter} lacks the values of {string.Join(' ', lacks)}");
        }

        public void End(int number) => _to = number;

        public void Check(int seed, List<string> published)
        {
            var plain = _got.Where(static one => !one.IsValue).Select(static one => one.Number).Order().ToList();
            Assert.Equal(plain.Distinct(), plain); // once
            Assert.All(_got, one => Assert.True(TopicFilter.Matches(filter, one.Topic), $"seed {seed}: {filter} got {one.Topic}"));
            if (_from < 0) { return; }
            var expected = Enumerable.Range(_from, Math.Max(0, _to - _from)).Where(number => TopicFilter.Matches(filter, published[number]));
            Assert.Equal(expected, plain.Where(number => number >= _from && number < _to));
        }
    }
}
