using System.Net;
using Coco.Cli.Relay;
using Coco.Crypto;
using Coco.Crypto.KeyFiles;
using Coco.Transport;

namespace Coco.Cli.Tests;

/// <summary>What <c>coco relay</c> understands, prints and serves.</summary>
public sealed class RelayCommandTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("coco-relay-").FullName;
    private readonly LineWriter _output = new();
    private readonly StringWriter _error = new();

    [Fact]
    public void Where_to_listen_and_as_whom_is_read_from_the_command_line()
    {
        string[] arguments = ["--listen", "192.0.2.1:443", "--websocket", "[2001:db8::1]:443", "--key", "relay.key", "--verbose"];
        Assert.True(RelayCommandOptions.TryParse(arguments, out var options, out _));
        Assert.Equal(
            new() { Listen = IPEndPoint.Parse("192.0.2.1:443"), WebSocket = IPEndPoint.Parse("[2001:db8::1]:443"), KeyFile = "relay.key", IsVerbose = true },
            options);
    }

    [Fact]
    public async Task What_a_relay_and_a_key_file_say_can_be_had_as_JSON()
    {
        var file = Path.Combine(_folder, "json.key");
        using var output = new StringWriter();
        Assert.Equal(ExitCode.Ok, KeyCommand.Run(["new", "--json", file, "--unattended"], output, _error, static _ => null));
        Assert.Equal(ExitCode.Ok, KeyCommand.Run(["show", file, "--json"], output, _error, static _ => null));
        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => System.Text.Json.JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(lines[0].GetProperty("id").GetString(), lines[1].GetProperty("id").GetString());
        Assert.Equal("permissions", lines[1].GetProperty("protection").GetString());

        using var stopping = new CancellationTokenSource();
        var running = RunAsync(stopping.Token, "--listen", "127.0.0.1:0", "--key", file, "--json");
        using var first = System.Text.Json.JsonDocument.Parse(await _output.FirstLine.WaitAsync(Patience));
        Assert.True(RelayArgument.TryParse(first.RootElement.GetProperty("relay").GetString()!, out _));
        await stopping.CancelAsync();
        Assert.Equal(ExitCode.Ok, await running.WaitAsync(Patience));
        var said = _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => System.Text.Json.JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal("stopped", said[^1].GetProperty("state").GetString());
        Assert.Equal(0, said[^2].GetProperty("bytes").GetInt64());
    }

    [Theory]
    [InlineData("--listen")]
    [InlineData("--listen", "everywhere")]
    [InlineData("--listen", "192.0.2.1:1", "--listen", "192.0.2.1:2")]
    [InlineData("--websocket", "wss://relay.example")]
    [InlineData("--key", "--verbose")]
    [InlineData("loudly")]
    public async Task What_is_not_understood_ends_with_2_and_starts_nothing(params string[] arguments)
    {
        Assert.Equal(ExitCode.Usage, await RunAsync(CancellationToken.None, arguments));
        Assert.Empty(_output.ToString());
        Assert.Contains("relay", _error.ToString());
    }

    [Fact]
    public async Task A_relay_prints_the_line_that_makes_it_reachable_and_stops_when_told()
    {
        var file = Path.Combine(_folder, "relay.key");
        using var key = IdentityKey.Generate();
        KeyFile.WriteUnattended(file, key);
        using var stopping = new CancellationTokenSource();
        var running = RunAsync(stopping.Token, "--listen", "127.0.0.1:0", "--websocket", "127.0.0.1:0", "--key", file);

        Assert.True(RelayArgument.TryParse(await _output.FirstLine.WaitAsync(Patience), out var relay));
        Assert.Equal(key.Id, relay.Id);
        Assert.NotNull(relay.Url);
        await MeetAsync(relay);

        await stopping.CancelAsync();
        Assert.Equal(ExitCode.Ok, await running.WaitAsync(Patience));
        Assert.EndsWith("stopped", _output.ToString().TrimEnd());
        Assert.Matches("[1-9][0-9]* datagrams", _output.ToString());
    }

    [Fact]
    public async Task An_address_that_is_not_ours_ends_with_1()
    {
        Assert.Equal(ExitCode.Failed, await RunAsync(CancellationToken.None, "--listen", "192.0.2.77:443"));
        Assert.Contains("192.0.2.77", _error.ToString());
    }

    [Fact]
    public async Task A_key_file_that_is_not_there_ends_with_1()
    {
        Assert.Equal(ExitCode.Failed, await RunAsync(CancellationToken.None, "--key", Path.Combine(_folder, "none.key")));
        Assert.Contains("none.key", _error.ToString());
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        _output.Dispose();
        _error.Dispose();
    }

    // Two nodes that know nothing of each other but a relay.
    private static async Task MeetAsync(Traversal.Relays.RelayInfo relay)
    {
        using var callerKey = IdentityKey.Generate();
        using var calleeKey = IdentityKey.Generate();
        await using var caller = await Endpoint.StartAsync(OptionsOf(callerKey, relay));
        await using var callee = await Endpoint.StartAsync(OptionsOf(calleeKey, relay));
        using var patience = new CancellationTokenSource(Patience);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (callee.Record is not { Relays.Count: > 0 }) { await tick.WaitForNextTickAsync(patience.Token); }
        var accepting = callee.AcceptAsync().AsTask();
        await using var connection = await caller.ConnectAsync(callee.Id, new() { Relays = [relay], Timeout = Patience });
        await using var accepted = await accepting.WaitAsync(Patience);
        Assert.True(connection.ActivePath!.IsRelayed);
    }

    private static TransportOptions OptionsOf(IdentityKey key, Traversal.Relays.RelayInfo relay) => new()
    {
        Identities = [key],
        ListenAddresses = [new(IPAddress.Loopback, 0)],
        Relays = [relay],
        Policy = new() { RelayOnly = true },
    };

    private Task<ExitCode> RunAsync(CancellationToken stopping, params string[] arguments) =>
        RelayCommand.RunAsync(arguments, _output, _error, _ => null, stopping);

    private sealed class LineWriter : StringWriter
    {
        private readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> FirstLine => _first.Task;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            _first.TrySetResult(value ?? "");
        }
    }
}
