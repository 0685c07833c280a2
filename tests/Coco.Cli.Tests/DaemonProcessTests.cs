using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Coco.Cli.Tests;

/// <summary>The program as processes: in the background, killed, and asked by another user.</summary>
public sealed partial class DaemonProcessTests : IDisposable
{
    private const int Nobody = 65534;

    private readonly string _folder = Directory.CreateTempSubdirectory("coco-p-").FullName;
    private int _daemon;

    [Fact]
    public async Task A_daemon_in_the_background_outlives_its_command_and_a_killed_one_is_replaced()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "NOT TESTED: no Unix sockets with credentials on this system");
        await UpAsync();
        Assert.Equal(0, (await CocoAsync("net", "create", "home", "--node-name", "laptop")).Code);

        Process.GetProcessById(_daemon).Kill(); // SIGKILL: the socket stays behind
        await Process.GetProcessById(_daemon).WaitForExitAsync();
        var dead = await CocoAsync("status");
        Assert.Equal((int)ExitCode.NoDaemon, dead.Code);
        Assert.Contains("coco up --background", dead.Error);

        await UpAsync();
        var status = await CocoAsync("status");
        Assert.Contains("home", status.Output);
        Assert.DoesNotContain('\u001b', status.Output); // no colours where nobody looks
        var second = await CocoAsync("up", "--background");
        Assert.Equal((int)ExitCode.Failed, second.Code);
        Assert.Contains("up already", second.Error);
        Assert.Equal(0, (await CocoAsync("down")).Code);
    }

    [Fact]
    public async Task Another_user_is_refused_even_where_the_folder_is_open()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "NOT TESTED: becoming another user takes root");
        var curl = new[] { "/usr/bin/curl", "/bin/curl" }.FirstOrDefault(File.Exists);
        Assert.SkipWhen(curl is null || !File.Exists("/usr/bin/setpriv"), "NOT TESTED: no curl or setpriv");
        if (!OperatingSystem.IsLinux()) { return; }
        await UpAsync();
        var places = Places.From(Variable);
        string[] asking = [$"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", curl!, "--silent", "--show-error", "--unix-socket", places.Socket, "http://coco/v1/status"];

        Assert.NotEqual(0, (await RunAsync("/usr/bin/setpriv", asking)).Code); // the folder keeps them out

        const UnixFileMode All = (UnixFileMode)511;
        foreach (var path in (string[])[_folder, Path.GetDirectoryName(places.Runtime)!, places.Runtime, places.Socket]) { File.SetUnixFileMode(path, All); }
        var refused = await RunAsync("/usr/bin/setpriv", asking);
        Assert.Equal(0, refused.Code);
        Assert.Contains("not-permitted", refused.Output);
        Assert.DoesNotContain("processId", refused.Output);
        Assert.Contains($"User {Nobody} asked for /v1/status", await File.ReadAllTextAsync(places.LogFile));
        Assert.Contains("processId", (await RunAsync(curl!, asking[4..])).Output);
    }

    public void Dispose()
    {
        try
        {
            if (_daemon != 0) { Process.GetProcessById(_daemon).Kill(); }
        }
        catch (ArgumentException)
        {
            // It has ended.
        }
        Directory.Delete(_folder, recursive: true);
    }

    private async Task UpAsync()
    {
        var (code, output, error) = await CocoAsync("up", "--background", "--no-lan", "--listen", "127.0.0.1:0");
        Assert.True(code == 0, error);
        _daemon = int.Parse(ProcessId().Match(output).Groups[1].Value);
    }

    private Task<(int Code, string Output, string Error)> CocoAsync(params string[] arguments) => RunAsync("dotnet", [typeof(CommandLine).Assembly.Location, .. arguments]);

    private async Task<(int Code, string Output, string Error)> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var name in (string[])["HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"]) { start.Environment[name] = Variable(name); }
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TestDaemon.Patience);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output, await error);
    }

    private string? Variable(string name) => name switch
    {
        "HOME" => _folder,
        "XDG_STATE_HOME" => Path.Combine(_folder, "s"),
        "XDG_RUNTIME_DIR" => Path.Combine(_folder, "r"),
        _ => null,
    };

    [GeneratedRegex("process ([0-9]+)")]
    private static partial Regex ProcessId();
}
