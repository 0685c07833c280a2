using Coco.Cluster.Grants;

namespace Coco.Cluster.Tests.Grants;

public sealed class ResourcePatternTests
{
    [Theory]
    [InlineData("home/door", "home/door", true)]
    [InlineData("home/door", "home/Door", false)]
    [InlineData("home/door", "home/door/lock", false)]
    [InlineData("home/+", "home/door", true)]
    [InlineData("home/+", "home", false)]
    [InlineData("home/+", "home/door/lock", false)]
    [InlineData("+/+/lock", "home/door/lock", true)]
    [InlineData("home/#", "home/door/lock", true)]
    [InlineData("home/#", "home", true)]
    [InlineData("home/#", "homes", false)]
    [InlineData("#", "anything/at/all", true)]
    [InlineData("#", "home/#", false)]
    [InlineData("home/+", "home/+", false)]
    [InlineData("#", "home//door", false)]
    [InlineData("#", "", false)]
    public void Names_match(string pattern, string name, bool matches) => Assert.Equal(matches, ResourcePattern.Parse(pattern).Matches(name));

    [Theory]
    [InlineData("")]
    [InlineData("/home")]
    [InlineData("home/")]
    [InlineData("home//door")]
    [InlineData("#/door")]
    [InlineData("home/do#r")]
    [InlineData("home/+door")]
    [InlineData("home/\u0007")]
    [InlineData("a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a")]
    public void What_is_no_pattern_is_refused(string text) => Assert.False(ResourcePattern.TryParse(text, out _));

    [Fact]
    public void Segments_are_bounded()
    {
        Assert.True(ResourcePattern.TryParse(new string('a', 64), out _));
        Assert.False(ResourcePattern.TryParse(new string('a', 65), out _));
        Assert.False(ResourcePattern.Parse("#").Matches(new string('a', 65)));
    }

    [Fact]
    public void A_name_matches_itself_and_what_replaces_its_segments_by_wildcards()
    {
        var random = new Random(4);
        for (var i = 0; i < 5_000; i++)
        {
            var name = Enumerable.Range(0, random.Next(1, 8)).Select(_ => random.Next(3).ToString()).ToArray();
            var pattern = name.Select(segment => random.Next(3) == 0 ? "+" : segment).ToList();
            if (random.Next(2) == 0) { pattern = [.. pattern[..random.Next(pattern.Count)], "#"]; }

            Assert.True(ResourcePattern.Parse(string.Join('/', pattern)).Matches(string.Join('/', name)));
        }
    }
}
