using Coco.Cli.Control;

namespace Coco.Cli.Tests;

public sealed class ControlCommandTests
{
    [Fact]
    public async Task It_is_the_program_of_the_control_plane()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var program = Path.Combine(AppContext.BaseDirectory.Replace("tests/Coco.Cli.Tests", "src/Coco.ControlPlane", StringComparison.Ordinal), "Coco.ControlPlane.dll");
        var shell = new Shell { Output = output, Error = error, Variable = name => name == ControlCommand.Variable ? program : null };

        Assert.Equal(ExitCode.Ok, await CommandLine.RunAsync(["control", "check"], shell));
        Assert.Contains("The settings are fine", output.ToString(), StringComparison.Ordinal);

        Assert.Equal(ExitCode.Usage, await CommandLine.RunAsync(["control", "check", "--Listen:0", "nowhere"], shell));
        Assert.Contains("'nowhere' is no http", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_program_is_missing_it_is_said_so()
    {
        using var error = new StringWriter();
        var shell = new Shell { Output = TextWriter.Null, Error = error, Variable = static _ => null };

        Assert.Equal(ExitCode.Failed, await CommandLine.RunAsync(["control", "serve"], shell));

        Assert.Contains("Install coco-control", error.ToString(), StringComparison.Ordinal);
    }
}
