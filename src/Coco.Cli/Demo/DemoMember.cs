using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Coco.Cli.Api;
using Coco.Cli.Client;
using Coco.Cli.Commands;
using Coco.Cli.Control;

namespace Coco.Cli.Demo;

/// <summary>
/// One of the demo's people: a daemon, which is a process where this member stands, and folders of its own. Commands run in the demo's own
/// process, and reach the daemon over its socket as they do from a terminal.
/// </summary>
internal sealed class DemoMember(string name, DemoFolder folder, DemoGround ground) : IDisposable
{
    /// <summary>Whom the demo's control plane knows hub as.</summary>
    public const string Email = "hub@demo.example";

    private const int ControlPlaneServes = 1720; // an event of its log

    private readonly List<Process> _processes = [];
    private Process? _daemon;
    private DaemonClient? _client;
    private string? _controlToken;

    public string Name { get; } = name;

    public string Home { get; } = folder.PathOf("homes", name);

    public DaemonClient Daemon => _client ??= new(ShellTo(TextWriter.Null, TextWriter.Null, CancellationToken.None));

    /// <summary>Starts the daemon, and waits until it is up.</summary>
    public async Task UpAsync(string[] options, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Home);
        (_daemon, _) = await StartAsync(["up", "--no-lan", .. ground.ListeningOf(Name), .. options], cancellationToken);
    }

    public async Task DownAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(["down"], cancellationToken);
        }
        catch (CommandException exception) when (exception.Code is ExitCode.NoDaemon)
        {
            // It ended faster than it answered.
        }
        await _daemon!.WaitForExitAsync(cancellationToken);
        _client?.Dispose();
        _client = null;
    }

    /// <summary>Starts this program where the member stands, and answers the first line that it prints.</summary>
    public async Task<(Process Process, string Line)> StartAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var process = Start(arguments);
        var complaint = process.StandardError.ReadToEndAsync(cancellationToken);
        var line = await process.StandardOutput.ReadLineAsync(cancellationToken);
        return line is not null ? (process, line) : throw EndedAtOnce(arguments, await complaint);
    }

    /// <summary>Starts a control plane where the member stands, and waits until it serves. The member has a token there from then on.</summary>
    /// <returns>Its address, for who stands there.</returns>
    public async Task<string> ServeControlPlaneAsync(string relayAddress, CancellationToken cancellationToken)
    {
        string[] data = ["--DataDirectory", Path.Combine(Home, "control")];
        string[] arguments = ["control", "serve", .. data, "--Listen:0", "http://127.0.0.1:0", "--Relaying:Listen:0", relayAddress];
        var process = Start(arguments);
        var complaint = process.StandardError.ReadToEndAsync(cancellationToken);
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            using var entry = JsonDocument.Parse(line);
            if (entry.RootElement.GetProperty("EventId").GetInt32() != ControlPlaneServes) { continue; }
            _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None); // or it would wait once the pipe is full
            var address = entry.RootElement.GetProperty("State").GetProperty("Addresses").GetString()!.TrimEnd('/');
            _ = await StartAsync(["control", "accounts", "add", Email, .. data], cancellationToken);
            (_, _controlToken) = await StartAsync(["control", "account-token", Email, .. data], cancellationToken);
            return address;
        }
        throw EndedAtOnce(arguments, await complaint);
    }

    /// <summary>Runs a command, and answers what it printed.</summary>
    public async Task<string> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        await RunAsync(arguments, ShellTo(output, error, cancellationToken), error, cancellationToken);
        return output.ToString();
    }

    /// <summary>Runs a command whose input and output are bytes.</summary>
    public async Task RunAsync(string[] arguments, Stream input, Stream output, CancellationToken cancellationToken)
    {
        using var error = new StringWriter();
        var shell = new Shell
        {
            Output = TextWriter.Null, Error = error, Variable = Variable, AskPassphrase = static _ => null, Stopping = cancellationToken, OpenInput = () => input, OpenOutput = () => output,
        };
        await RunAsync(arguments, shell, error, cancellationToken);
    }

    public async Task<T> AskAsync<T>(string[] arguments, CancellationToken cancellationToken)
    {
        var answer = await RunAsync([.. arguments, CommonOptions.JsonName], cancellationToken);
        return JsonSerializer.Deserialize(answer, (JsonTypeInfo<T>)ApiJson.Default.GetTypeInfo(typeof(T))!)!;
    }

    /// <summary>A script by which a person uses this member, once the demo has ended.</summary>
    public string WriteScript()
    {
        var script = folder.PathOf(Name);
        var lines = Variables().Select(static one => $"export {one.Name}={Quote(one.Value)}").Append($"exec {string.Join(' ', ground.EntryOf(Name).Concat(Program()).Select(Quote))} \"$@\"");
        File.WriteAllText(script, $"#!/bin/sh\n{string.Join('\n', lines)}\n");
        if (!OperatingSystem.IsWindows()) { File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute); }
        return script;
    }

    /// <summary>Ends what this member runs, at once.</summary>
    public void Kill()
    {
        foreach (var process in _processes.Where(static one => !one.HasExited))
        {
            process.Kill();
            process.WaitForExit(TimeSpan.FromSeconds(5));
        }
    }

    public void Dispose()
    {
        _client?.Dispose();
        foreach (var process in _processes) { process.Dispose(); }
    }

    private Process Start(string[] arguments)
    {
        string[] command = [.. ground.EntryOf(Name), .. Program(), .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Home,
        };
        // A control plane that this machine runs has settings in variables, and in a file where it is started: they are not for the demo's.
        foreach (var foreign in start.Environment.Keys.Where(static name => name == "COCO_CONTROL_FILE" || name.StartsWith("COCO_CONTROL__", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(foreign);
        }
        foreach (var (variable, value) in Variables()) { start.Environment[variable] = value; }
        start.Environment[Detachment.Variable] = "1"; // an interrupt at the terminal is the demo's, which then ends its processes
        var process = Process.Start(start)!;
        _processes.Add(process);
        folder.Remember(process);
        process.StandardInput.Close();
        return process;
    }

    private CommandException EndedAtOnce(string[] arguments, string complaint) =>
        new(ExitCode.Failed, $"The demo cannot go on: `coco {string.Join(' ', arguments)}` of {Name} ended at once. {Trouble.Sentence(complaint.Trim())}");

    private Shell ShellTo(TextWriter output, TextWriter error, CancellationToken stopping) =>
        new() { Output = output, Error = error, Variable = Variable, AskPassphrase = static _ => null, Stopping = stopping };

    private async Task RunAsync(string[] arguments, Shell shell, StringWriter error, CancellationToken cancellationToken)
    {
        var code = await CommandLine.RunAsync(arguments, shell);
        cancellationToken.ThrowIfCancellationRequested();
        if (code is ExitCode.Ok) { return; }
        var said = error.ToString().Trim();
        throw new CommandException(code, $"`coco {string.Join(' ', arguments)}` of {Name} failed: {(said.StartsWith("coco: ", StringComparison.Ordinal) ? said[6..] : said)}");
    }

    // Under `dotnet coco.dll` the program is dotnet.
    private static string[] Program()
    {
        var program = Environment.ProcessPath ?? throw new CommandException(ExitCode.Failed, "This program cannot find itself, and so cannot start the demo's nodes.");
        return Path.GetFileNameWithoutExtension(program) == "coco" || Path.GetFileNameWithoutExtension(program) == "Coco.Cli"
            ? [program]
            : [program, Path.Combine(AppContext.BaseDirectory, "Coco.Cli.dll")];
    }

    private static string Quote(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    // The token is for the commands that need it, and in no file and no process.
    private string? Variable(string variable) => variable == ControlPlaneCall.TokenVariable ? _controlToken : Variables().FirstOrDefault(one => one.Name == variable).Value;

    private (string Name, string Value)[] Variables() =>
        [("HOME", Home), ("XDG_STATE_HOME", Path.Combine(Home, "state")), ("XDG_RUNTIME_DIR", Path.Combine(Home, "run"))];
}
