using Coco.Mqtt.Topics;

namespace Coco.Mqtt.Tests.Topics;

public sealed class FilterTests
{
    [Theory] // MQTT 5.0, 4.7.1.2, 4.7.1.3, 4.7.2, 4.7.3
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/ranking", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true)]
    [InlineData("sport/#", "sport", true)]
    [InlineData("sport/#", "sports", false)]
    [InlineData("#", "a/b", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1/ranking", false)]
    [InlineData("sport/+", "sport", false)]
    [InlineData("sport/+", "sport/", true)]
    [InlineData("+/+", "/finance", true)]
    [InlineData("/+", "/finance", true)]
    [InlineData("+", "/finance", false)]
    [InlineData("+/tennis/#", "sport/tennis", true)]
    [InlineData("#", "$SYS/x", false)]
    [InlineData("+/monitor/Clients", "$SYS/monitor/Clients", false)]
    [InlineData("$SYS/#", "$SYS/monitor/Clients", true)]
    [InlineData("$SYS/monitor/+", "$SYS/monitor/Clients", true)]
    [InlineData("ACCOUNTS", "Accounts", false)]
    [InlineData("a//b", "a//b", true)]
    [InlineData("a/+/b", "a//b", true)]
    public void Topics_match_as_the_specification_says(string filter, string topic, bool matches)
    {
        Assert.Equal(matches, TopicFilter.Matches(filter, topic));

        var filters = new FilterTree<string>();
        filters.Set(filter, filter);
        var found = new List<string>();
        filters.Match(topic, found);
        Assert.Equal(matches, found.Count == 1);

        var topics = new TopicTree<string>();
        topics.Set(topic, topic);
        found.Clear();
        topics.Match(filter, found);
        Assert.Equal(matches, found.Count == 1);
    }

    [Fact]
    public void Trees_find_what_matching_one_by_one_finds_and_forget_what_is_taken_out()
    {
        var random = new Random(17);
        var filters = new FilterTree<string>();
        var topics = new TopicTree<string>();
        var (allFilters, allTopics) = (new HashSet<string>(), new HashSet<string>());
        for (var round = 0; round < 3000; round++)
        {
            var filter = Name(random, ["a", "b", "", "$c", "+", "+"], mayEndInAll: true);
            var topic = Name(random, ["a", "b", "", "$c"], mayEndInAll: false);
            if (random.Next(3) > 0) { filters.Set(filter, filter); allFilters.Add(filter); }
            else { filters.Remove(filter); allFilters.Remove(filter); }
            if (random.Next(3) > 0) { topics.Set(topic, topic); allTopics.Add(topic); }
            else { topics.Remove(topic); allTopics.Remove(topic); }

            var found = new List<string>();
            filters.Match(topic, found);
            Assert.Equal(allFilters.Where(one => TopicFilter.Matches(one, topic)).Order(), found.Order());
            found.Clear();
            topics.Match(filter, found);
            Assert.Equal(allTopics.Where(one => TopicFilter.Matches(filter, one)).Order(), found.Order());
            Assert.Equal(allTopics.Count, topics.Count);
        }
    }

    private static string Name(Random random, string[] levels, bool mayEndInAll)
    {
        var parts = Enumerable.Range(0, random.Next(1, 4)).Select(_ => levels[random.Next(levels.Length)]).ToList();
        if (mayEndInAll && random.Next(3) == 0) { parts.Add("#"); }
        var name = string.Join('/', parts);
        return name.Length > 0 ? name : "a";
    }
}
