using System.Text.Json;
using Spectre.Console;

namespace Coco.Cli.Tests;

/// <summary>A daemon of this process in folders of its own, on loopback, and commands that talk to it.</summary>
internal sealed class TestDaemon : IAsyncDisposable
{
    // Chosen: joins, with all that builds on a busy machine.
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Dictionary<string, string?> _variables;
    private readonly CancellationTokenSource _patience = new(Patience);
    private CancellationTokenSource _down = new();
    private Task<ExitCode> _running = Task.FromResult(ExitCode.Ok);

    public TestDaemon(string? folder = null)
    {
        Folder = folder ?? Directory.CreateTempSubdirectory("coco-d-").FullName;
        _variables = new() { ["HOME"] = Folder, ["XDG_STATE_HOME"] = Path.Combine(Folder, "s"), ["XDG_RUNTIME_DIR"] = Path.Combine(Folder, "r") };
    }

    public string Folder { get; }

    public Places Places => Places.From(Variable);

    public CancellationToken Limit => _patience.Token;

    /// <summary>The daemon's clock, as far as it judges by one.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>What the daemon printed.</summary>
    public StringWriter Said { get; } = new();

    public StringWriter Complained { get; } = new();

    public static async Task<TestDaemon> StartAsync(params string[] options)
    {
        var daemon = new TestDaemon();
        await daemon.UpAsync(options);
        return daemon;
    }

    public async Task UpAsync(params string[] options)
    {
        _down = new();
        var line = new FirstLine(Said);
        var shell = new Shell { Output = line, Error = TextWriter.Synchronized(Complained), Variable = Variable, AskPassphrase = static _ => null, Stopping = _down.Token, Time = Time };
        var listens = options.Contains("--listen") ? options : [.. options, "--listen", "127.0.0.1:0"];
        _running = CommandLine.RunAsync(["up", "--no-lan", .. listens], shell);
        await Task.WhenAny(line.Printed, _running).WaitAsync(Patience);
        Assert.True(line.Printed.IsCompleted, $"the daemon ended: {Complained}");
        Address = Said.ToString().TrimEnd().Split(' ')[^1];
    }

    /// <summary>Where it listens, or did.</summary>
    public string Address { get; private set; } = "";

    public async Task DownAsync()
    {
        await _down.CancelAsync();
        Assert.Equal(ExitCode.Ok, await _running.WaitAsync(Patience));
    }

    public void Set(string variable, string? value) => _variables[variable] = value;

    /// <summary>What is typed where a command asks for something secret.</summary>
    public string? Passphrase { get; set; }

    /// <summary>Runs a command to its end.</summary>
    public async Task<Outcome> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var shell = new Shell { Output = output, Error = error, Variable = Variable, AskPassphrase = _ => Passphrase, Stopping = _patience.Token, KeyPatience = Patience };
        var code = await CommandLine.RunAsync(arguments, shell);
        Assert.DoesNotContain("   at ", error.ToString(), StringComparison.Ordinal); // never a stack trace
        return new(code, output.ToString(), error.ToString());
    }

    /// <summary>A shell for a command that goes on until it is stopped.</summary>
    public Shell ShellTo(TextWriter output, TextWriter error, CancellationToken stopping, Stream? input = null, Stream? bytes = null, IAnsiConsole? notes = null) => new()
    {
        Output = output, Error = error, Variable = Variable, AskPassphrase = static _ => null, Stopping = stopping,
        OpenInput = () => input ?? Stream.Null, OpenOutput = () => bytes ?? Stream.Null, Notes = notes!,
    };

    /// <summary>Plays a stream as soon as it is there, until it is stopped.</summary>
    public async Task PlayAsync(Stream target, CancellationToken stopping, params string[] arguments)
    {
        while (!stopping.IsCancellationRequested)
        {
            using var words = new StringWriter();
            if (await CommandLine.RunAsync(arguments, ShellTo(words, words, stopping, bytes: target)) is ExitCode.Ok) { return; }
            await Task.Delay(50, CancellationToken.None); // it is not published yet
        }
    }

    /// <summary>Runs a command that has to succeed, and answers what it printed.</summary>
    public async Task<string> DoAsync(params string[] arguments)
    {
        var outcome = await RunAsync(arguments);
        Assert.True(outcome.Code is ExitCode.Ok, $"coco {string.Join(' ', arguments)}: {outcome.Error}{outcome.Output}");
        return outcome.Output;
    }

    public async Task<JsonElement> AskAsync(params string[] arguments)
    {
        using var document = JsonDocument.Parse(await DoAsync([.. arguments, "--json"]));
        return document.RootElement.Clone();
    }

    /// <summary>Asks again until the answer is right, for what takes a moment to get around.</summary>
    public async Task<JsonElement> AskUntilAsync(Func<JsonElement, bool> isRight, params string[] arguments)
    {
        while (true)
        {
            var answer = await AskAsync(arguments);
            if (isRight(answer)) { return answer; }
            await Task.Delay(50, Limit); // nothing tells a client when; the limit fails the test
        }
    }

    /// <summary>Makes a ticket here, and joins with it there.</summary>
    public async Task InviteAsync(TestDaemon other, string nodeName, params string[] options)
    {
        var ticket = (await DoAsync(["invite", .. options])).Trim();
        await other.DoAsync("join", ticket, "--node-name", nodeName);
    }

    /// <summary>Waits until there is a way to a node, or none any more.</summary>
    public Task SeesAsync(string node, bool isReachable = true) => AskUntilAsync(
        answer => answer.GetProperty("peers").EnumerateArray().Any(peer => peer.GetProperty("name").GetString() == node && peer.GetProperty("reachable").GetBoolean()) == isReachable,
        "peers");

    public async ValueTask DisposeAsync()
    {
        await _down.CancelAsync();
        await _running.WaitAsync(Patience);
        _patience.Dispose();
        _down.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private string? Variable(string name) => _variables.GetValueOrDefault(name);

    internal sealed record Outcome(ExitCode Code, string Output, string Error);

    /// <summary>Tells when the first line was printed.</summary>
    private sealed class FirstLine(StringWriter inner) : TextWriter
    {
        private readonly TaskCompletionSource _printed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Printed => _printed.Task;

        public override System.Text.Encoding Encoding => inner.Encoding;

        public override void Write(char value)
        {
            lock (inner) { inner.Write(value); }
            if (value == '\n') { _printed.TrySetResult(); }
        }
    }
}
