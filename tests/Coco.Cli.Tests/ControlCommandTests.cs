using System.Text.Json;
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
    public async Task When_the_command_is_to_end_the_control_plane_ends_too_and_in_order()
    {
        var folder = Directory.CreateTempSubdirectory("coco-c-").FullName;
        using var stopping = new CancellationTokenSource();
        using var output = new Lines();
        var shell = new Shell
        {
            Output = output, Error = TextWriter.Null, Stopping = stopping.Token, Variable = static name => name == ControlCommand.Variable ? ControlPlaneProcess.Program : null,
        };
        var running = CommandLine.RunAsync(["control", "serve", "--DataDirectory", folder, "--Listen:0", "http://127.0.0.1:0"], shell);
        var address = await output.Serving.WaitAsync(TestDaemon.Patience);
        using var http = new HttpClient();
        Assert.True((await http.GetAsync(new Uri(address + "/v1/service"))).IsSuccessStatusCode);

        await stopping.CancelAsync();
        var code = await running.WaitAsync(TestDaemon.Patience);

        Assert.Equal(ExitCode.Ok, code); // it ended by itself
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri(address + "/v1/service")));
        using (new FileStream(Path.Combine(folder, "control.db.lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None)) { } // nobody has the database
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Where_the_program_is_missing_it_is_said_so()
    {
        using var error = new StringWriter();
        var shell = new Shell { Output = TextWriter.Null, Error = error, Variable = static _ => null };

        Assert.Equal(ExitCode.Failed, await CommandLine.RunAsync(["control", "serve"], shell));

        Assert.Contains("Install coco-control", error.ToString(), StringComparison.Ordinal);
    }

    // Hears from the program's log where it serves.
    private sealed class Lines : StringWriter
    {
        private readonly TaskCompletionSource<string> _serving = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Serving => _serving.Task;

        public override Task WriteLineAsync(string? value)
        {
            using var entry = JsonDocument.Parse(value!);
            if (entry.RootElement.GetProperty("EventId").GetInt32() == 1720) { _serving.TrySetResult(entry.RootElement.GetProperty("State").GetProperty("Addresses").GetString()!.TrimEnd('/')); }
            return Task.CompletedTask;
        }
    }
}
