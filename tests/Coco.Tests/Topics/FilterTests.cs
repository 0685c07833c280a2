using Coco.Topics;
using Coco.Topics.Core;

namespace Coco.Tests.Topics;

/// <summary>Topics and filters (MQTT 5 §4.7).</summary>
public sealed class FilterTests
{
    [Theory]
    [InlineData("#", "#", "x")]
    [InlineData("a/#", "+/b", "a/b")]
    [InlineData("a/#", "a", "a")]
    [InlineData("+/b/+", "a/+/c", "a/b/c")]
    [InlineData("+/b/+", "a/#", "a/b/x")]
    [InlineData("a/+", "a/b/#", "a/b")]
    [InlineData("a/b", "a", null)]
    [InlineData("a/+", "b/+", null)]
    [InlineData("#", "$coco/+", null)]
    [InlineData("$coco/#", "$coco/+", "$coco/x")]
    public void Two_filters_meet_in_a_topic_where_there_is_one(string one, string other, string? topic)
    {
        foreach (var (first, second) in new[] { (one, other), (other, one) })
        {
            Assert.Equal((topic is not null, topic ?? ""), TopicFilter.TryMeet(first, second, out var met) ? (true, met) : (false, ""));
        }
    }

    [Theory]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/ranking", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true)]
    [InlineData("sport/#", "sport", true)]
    [InlineData("#", "a/b/c", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1/ranking", false)]
    [InlineData("sport/+", "sport", false)]
    [InlineData("sport/+", "sport/", true)]
    [InlineData("+/+", "/finance", true)]
    [InlineData("/+", "/finance", true)]
    [InlineData("+", "/finance", false)]
    [InlineData("#", "$SYS/uptime", false)]
    [InlineData("+/monitor/Clients", "$SYS/monitor/Clients", false)]
    [InlineData("$SYS/#", "$SYS/uptime", true)]
    [InlineData("$SYS/monitor/+", "$SYS/monitor/Clients", true)]
    [InlineData("a/+/c", "a/b/c", true)]
    [InlineData("a/+/c", "a/b/d", false)]
    [InlineData("a/b", "a", false)]
    [InlineData("ACCOUNTS", "Accounts", false)]
    [InlineData("a//c", "a//c", true)]
    [InlineData("a/+/c", "a//c", true)]
    public void A_filter_is_for_the_topics_that_MQTT_says(string filter, string topic, bool matches)
    {
        Assert.True(TopicFilter.IsValid(filter));
        Assert.True(TopicName.IsValid(topic));

        Assert.Equal(matches, TopicFilter.Matches(filter, topic));
        var tree = new FilterTree<int>();
        tree.Add(filter, 7);
        var found = new HashSet<int>();
        tree.Collect(topic, found);
        Assert.Equal(matches, found.Contains(7));
    }

    [Theory]
    [InlineData("sport/tennis#")]
    [InlineData("sport/#/ranking")]
    [InlineData("sport+")]
    [InlineData("a/b+/c")]
    [InlineData("")]
    [InlineData("a\0b")]
    public void What_is_no_filter_is_refused(string filter) => Assert.False(TopicFilter.IsValid(filter));

    [Fact]
    public void Half_a_character_is_no_text() => Assert.False(TopicFilter.IsValid("a" + (char)0xD800));

    [Fact]
    public void A_topic_has_no_wildcards() => Assert.All(new[] { "a/+", "#", "a+b", "" }, static topic => Assert.False(TopicName.IsValid(topic)));

    [Fact]
    public void The_tree_finds_what_looking_at_each_filter_finds()
    {
        var random = new Random(41);
        string[] levels = ["", "a", "b", "c", "$x"];
        var filters = Enumerable.Range(0, 400).Select(_ => Noise(random, [.. levels, "+", "+"]) + (random.Next(3) == 0 ? "/#" : "")).Where(TopicFilter.IsValid).ToArray();
        var tree = new FilterTree<int>();
        for (var i = 0; i < filters.Length; i++) { tree.Add(filters[i], i); }
        for (var i = 0; i < filters.Length; i += 3) { tree.Remove(filters[i], i); }

        for (var round = 0; round < 2000; round++)
        {
            var topic = Noise(random, levels);
            if (!TopicName.IsValid(topic)) { continue; }
            var found = new HashSet<int>();
            tree.Collect(topic, found);
            Assert.Equal(Enumerable.Range(0, filters.Length).Where(i => i % 3 != 0 && TopicFilter.Matches(filters[i], topic)).Order(), found.Order());
        }
    }

    private static string Noise(Random random, string[] levels) => string.Join('/', Enumerable.Range(0, random.Next(1, 5)).Select(_ => levels[random.Next(levels.Length)]));
}
