using Coco.Cli.Commands;

namespace Coco.Cli.Tests;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("300ms", 0.3)]
    [InlineData("1.5s", 1.5)]
    [InlineData("90s", 90)]
    [InlineData("30m", 1800)]
    [InlineData("12h", 43_200)]
    [InlineData("7d", 604_800)]
    public void Times_are_read_as_people_write_them(string text, double seconds) => Assert.Equal(seconds, Durations.Parse(text).TotalSeconds, 6);

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("ms")]
    [InlineData("5")]
    [InlineData("5sm")]
    [InlineData("5 s")]
    [InlineData("-5s")]
    [InlineData("1e9d")]
    [InlineData("365001d")]
    [InlineData("NaNs")]
    public void What_is_no_time_is_said_with_examples(string text)
    {
        var refusal = Assert.Throws<CommandException>(() => Durations.Parse(text));
        Assert.Equal(ExitCode.Usage, refusal.Code);
        Assert.Contains("300ms", refusal.Message);
    }
}
