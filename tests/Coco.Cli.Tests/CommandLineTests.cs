using Coco.Crypto;

namespace Coco.Cli.Tests;

public sealed class CommandLineTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("coco-cli-").FullName;
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    [Fact]
    public async Task Demo_of_the_transport_finds_that_every_claim_holds()
    {
        Assert.True(await RunAsync("demo", "--transport") is ExitCode.Ok, $"{_output}{_error}");
        Assert.Contains("claims held", _output.ToString());
        Assert.Empty(_error.ToString());
    }

    [Fact]
    public async Task Version_is_one_line_that_names_the_program()
    {
        Assert.Equal(ExitCode.Ok, await RunAsync("--version"));
        Assert.Matches(@"^coco \d+\.\d+\.\d+\S*\s*$", _output.ToString());
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("help")]
    public async Task Help_names_every_command(string option)
    {
        Assert.Equal(ExitCode.Ok, await RunAsync(option));
        foreach (var command in (string[])["demo", "netcheck", "relay", "policy", "key", "up", "net", "invite", "join", "status", "peers", "app"])
        {
            Assert.Matches($@"(?m)^  {command}\b", _output.ToString());
        }
    }

    [Theory]
    [InlineData]
    [InlineData("dance")]
    [InlineData("demo", "twice")]
    [InlineData("key")]
    [InlineData("key", "new")]
    [InlineData("key", "new", "--atended")]
    [InlineData("key", "show", "")]
    public async Task What_is_not_understood_ends_with_2_and_prints_no_result(params string[] arguments)
    {
        Assert.Equal(ExitCode.Usage, await RunAsync(arguments));
        Assert.Empty(_output.ToString());
        Assert.NotEmpty(_error.ToString());
    }

    [Fact]
    public async Task Unattended_key_is_shown_with_the_identity_it_was_made_with()
    {
        Assert.Equal(ExitCode.Ok, await RunAsync("key", "new", PathOf("node.key"), "--unattended"));
        var id = NodeId.Parse(_output.ToString().Trim());

        Assert.Equal(ExitCode.Ok, await RunAsync("key", "show", PathOf("node.key")));
        Assert.EndsWith($"{id}\nunattended: protected by the file's permissions\n", _output.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Protected_key_is_made_with_the_passphrase_that_was_typed()
    {
        Assert.Equal(ExitCode.Ok, await CommandLine.RunAsync(["key", "new", PathOf("node.key")], _output, _error, _ => "correct horse"));
        using var key = Crypto.KeyFiles.KeyFile.ReadProtected(PathOf("node.key"), "correct horse");
        Assert.Equal(key.Id.ToString(), _output.ToString().Trim());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Without_a_passphrase_no_key_is_made(string? typed)
    {
        Assert.Equal(ExitCode.Failed, await CommandLine.RunAsync(["key", "new", PathOf("node.key")], _output, _error, _ => typed));
        Assert.False(File.Exists(PathOf("node.key")));
        Assert.Contains("--unattended", _error.ToString());
    }

    [Fact]
    public async Task Key_that_is_there_is_not_overwritten()
    {
        Assert.Equal(ExitCode.Ok, await RunAsync("key", "new", "--unattended", PathOf("node.key")));
        var before = File.ReadAllBytes(PathOf("node.key"));

        Assert.Equal(ExitCode.Failed, await RunAsync("key", "new", "--unattended", PathOf("node.key")));
        Assert.Equal(before, File.ReadAllBytes(PathOf("node.key")));
        Assert.Contains("exists already", _error.ToString());
    }

    [Fact]
    public async Task Foreign_file_is_reported_by_name()
    {
        File.WriteAllText(PathOf("letter.txt"), "Dear key file");
        Assert.Equal(ExitCode.Failed, await RunAsync("key", "show", PathOf("letter.txt")));
        Assert.Contains("letter.txt\" is not a key file", _error.ToString());
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        _output.Dispose();
        _error.Dispose();
    }

    private Task<ExitCode> RunAsync(params string[] arguments) => CommandLine.RunAsync(arguments, _output, _error);

    private string PathOf(string name) => Path.Combine(_folder, name);
}
