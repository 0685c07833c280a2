namespace Coco.Cli.Tests;

public sealed class PolicyCommandTests : IDisposable
{
    private const string Home = """
        coco policy 1
        # who administers may log in
        allow service ssh from role admin to tag server
        allow subscribe home/+/temperature from app org.example.chat
        deny service * from tag quarantine
        """;

    private readonly string _file = Path.GetTempFileName();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    [Theory]
    [InlineData(0, "allowed by: allow service ssh from role admin to tag server", "service ssh from role admin to tag server")]
    [InlineData(0, "allowed: the owner may use everything", "service anything from role owner")]
    [InlineData(0, "allowed by: allow subscribe home/+/temperature from app org.example.chat", "subscribe home/kitchen/temperature from app org.example.chat")]
    [InlineData(1, "denied: no rule allows it", "subscribe home/temperature from app org.example.chat")]
    [InlineData(1, "denied: no rule allows it", "service ssh from anyone to tag server")]
    [InlineData(1, "denied by: deny service * from tag quarantine", "service ssh from role admin tag laptop tag quarantine to tag server")]
    public void Decision_comes_first_and_is_the_exit_code(int code, string decision, string question)
    {
        File.WriteAllText(_file, Home);
        Assert.Equal((ExitCode)code, Run(question));
        Assert.StartsWith(decision + Environment.NewLine, _output.ToString());
        Assert.Empty(_error.ToString());
    }

    [Fact]
    public void A_decision_can_be_had_as_JSON()
    {
        File.WriteAllText(_file, Home);

        Assert.Equal(ExitCode.Failed, Run("service ssh from role guest to tag server --json"));

        using var answer = System.Text.Json.JsonDocument.Parse(_output.ToString());
        Assert.False(answer.RootElement.GetProperty("allowed").GetBoolean());
        Assert.Equal("denied: no rule allows it", answer.RootElement.GetProperty("decision").GetString());
        Assert.Equal("allow service ssh from role admin to tag server", answer.RootElement.GetProperty("rules")[0].GetProperty("rule").GetString());
    }

    [Fact]
    public void Rules_about_the_service_say_why_they_have_no_say()
    {
        File.WriteAllText(_file, Home);
        Run("service ssh from role guest to tag server");
        Assert.Equal(
            """
            denied: no rule allows it
              allow service ssh from role admin to tag server: not for who asks: the role is guest, not admin
              deny service * from tag quarantine: not for who asks: it has no tag quarantine
            """,
            _output.ToString().Trim(),
            ignoreLineEndingDifferences: true);
        _output.GetStringBuilder().Clear();
        Run("service ssh from role admin to tag printer");
        Assert.Contains("not for who is asked: it has no tag server", _output.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("coco policy 2")]
    [InlineData("coco policy 1\nallow everything")]
    public void File_that_is_no_policy_is_named_with_its_line(string text)
    {
        File.WriteAllText(_file, text);
        Assert.Equal(ExitCode.Failed, Run("service ssh from anyone"));
        Assert.Contains(_file, _error.ToString());
        Assert.Contains(text.Contains('\n') ? "line 2" : "line 1", _error.ToString());
        Assert.Empty(_output.ToString());
    }

    [Fact]
    public void File_that_is_missing_or_far_too_large_is_named()
    {
        File.WriteAllBytes(_file, new byte[65_537]);
        Assert.Equal(ExitCode.Failed, Run("service ssh from anyone"));
        Assert.Contains("65537 bytes", _error.ToString());
        File.Delete(_file);
        Assert.Equal(ExitCode.Failed, Run("service ssh from anyone"));
        Assert.Contains(_file, _error.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("service ssh")]
    [InlineData("service ssh from role king")]
    [InlineData("service ssh from role")]
    [InlineData("service ssh from user me")]
    [InlineData("service ssh from anyone to")]
    [InlineData("dance ssh from anyone")]
    [InlineData("service ssh from app -")]
    public void Question_in_other_words_is_not_understood(string question)
    {
        File.WriteAllText(_file, Home);
        Assert.Equal(ExitCode.Usage, Run(question));
        Assert.Empty(_output.ToString());
    }

    public void Dispose() => File.Delete(_file);

    private ExitCode Run(string question) =>
        CommandLine.RunAsync(["policy", "test", _file, .. question.Split(' ', StringSplitOptions.RemoveEmptyEntries)], _output, _error).GetAwaiter().GetResult();
}
