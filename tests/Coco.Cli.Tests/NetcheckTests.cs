using System.Net;
using System.Text.Json;
using Coco.Cli.Netcheck;
using Coco.Crypto;
using Coco.Transport;

namespace Coco.Cli.Tests;

/// <summary>What <c>coco netcheck</c> understands, prints and answers.</summary>
public sealed class NetcheckTests : IDisposable
{
    private readonly IdentityKey _key = IdentityKey.Generate();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    [Fact]
    public void Relays_and_STUN_servers_are_read_from_the_command_line()
    {
        string[] arguments =
        [
            "--relay", $"{_key.Id}@192.0.2.1:443,[2001:db8::1]:443,wss://relay.example", "--json", "--relay", $"{_key.Id}@wss://relay.example",
            "--stun", "192.0.2.2:3478", "--no-port-mapping",
        ];
        Assert.True(NetcheckCommand.TryParse(arguments, out var options, out var isJson, out _));

        Assert.True(isJson);
        Assert.False(options.MapsPorts);
        Assert.Equal([new(IPAddress.Parse("192.0.2.2"), 3478)], options.StunServers);
        Assert.Equal(["192.0.2.1:443", "[2001:db8::1]:443"], options.Relays[0].Addresses.Select(address => address.ToString()));
        Assert.Equal((_key.Id, "wss://relay.example"), (options.Relays[0].Id, options.Relays[0].Url));
        Assert.Empty(options.Relays[1].Addresses);
        Assert.Equal(arguments[1], RelayArgument.Write(options.Relays[0]));
    }

    [Theory]
    [InlineData("--relay")]
    [InlineData("--relay", "nobody@192.0.2.1:443")]
    [InlineData("--relay", "ID@192.0.2.1")]
    [InlineData("--relay", "ID@")]
    [InlineData("--relay", "ID@192.0.2.1:443,wss://one,wss://two")]
    [InlineData("--relay", "ID@192.0.2.1:1,192.0.2.1:2,192.0.2.1:3,192.0.2.1:4,192.0.2.1:5")]
    [InlineData("--relay", "ID@0.0.0.0:443")]
    [InlineData("--stun", "192.0.2.1")]
    [InlineData("--stun", "192.0.2.1:0")]
    [InlineData("--stun")]
    [InlineData("--jason")]
    public async Task What_is_no_relay_or_server_ends_with_2_and_asks_nobody(params string[] arguments)
    {
        var exit = await RunAsync([.. arguments.Select(argument => argument.Replace("ID@", $"{_key.Id}@", StringComparison.Ordinal))]);

        Assert.Equal(ExitCode.Usage, exit);
        Assert.Empty(_output.ToString());
        Assert.Contains("netcheck", _error.ToString());
    }

    [Fact]
    public void No_more_servers_are_taken_than_can_be_asked()
    {
        var arguments = Enumerable.Repeat((string[])["--stun", "192.0.2.1:3478"], 9).SelectMany(pair => pair).ToArray();
        Assert.True(NetcheckCommand.TryParse(arguments[..16], out _, out _, out _));
        Assert.False(NetcheckCommand.TryParse(arguments, out _, out _, out _));
    }

    [Fact]
    public async Task A_relay_that_answers_makes_a_good_end_and_one_JSON_object()
    {
        await using var relay = await Endpoint.StartAsync(new() { Identities = [_key], ListenAddresses = [new(IPAddress.Loopback, 0)], RelayServer = new() });
        Assert.Equal(ExitCode.Ok, await RunAsync("--json", "--no-port-mapping", "--relay", $"{relay.Id}@{relay.LocalEndPoints[0]}"));

        using var report = JsonDocument.Parse(_output.ToString());
        string[] names =
        [
            "version", "works", "durationMs", "interfaces", "defaultRouters", "ipv4", "ipv6", "portMapping", "relays", "findings",
        ];
        Assert.Equal(names, report.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Equal(1, report.RootElement.GetProperty("version").GetInt32());
        Assert.True(report.RootElement.GetProperty("works").GetBoolean());
        var found = Assert.Single(report.RootElement.GetProperty("relays").EnumerateArray());
        names = ["id", "reached", "transport", "latencyMs", "udp", "tcp", "websocket", "attempts"];
        Assert.Equal(names, found.EnumerateObject().Select(member => member.Name));
        Assert.Equal("udp", found.GetProperty("transport").GetString());
        Assert.Equal(JsonValueKind.Null, found.GetProperty("websocket").ValueKind);
        Assert.Contains(report.RootElement.GetProperty("findings").EnumerateArray(), finding => finding.GetProperty("code").GetString() == "relay-by-udp");
    }

    [Fact]
    public async Task People_read_a_sentence_for_each_finding()
    {
        await using var relay = await Endpoint.StartAsync(new() { Identities = [_key], ListenAddresses = [new(IPAddress.Loopback, 0)], RelayServer = new() });
        Assert.Equal(ExitCode.Ok, await RunAsync("--no-port-mapping", "--relay", $"{relay.Id}@{relay.LocalEndPoints[0]}"));

        Assert.Matches(@"  ok  Relay \w{8}… is reached by UDP, \d+\.\d ms away\.", _output.ToString());
        Assert.Empty(_error.ToString());
    }

    [Fact]
    public async Task Where_nobody_answers_the_end_is_1_and_says_so()
    {
        // Bound and never read, so that it is silent and nobody else's.
        using var silent = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.Equal(ExitCode.Failed, await RunAsync("--no-port-mapping", "--stun", $"{silent.Client.LocalEndPoint}"));

        Assert.StartsWith("coco: nothing works", _error.ToString());
        Assert.NotEmpty(_output.ToString());
    }

    public void Dispose()
    {
        _key.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    private Task<ExitCode> RunAsync(params string[] arguments) => CommandLine.RunAsync(["netcheck", .. arguments], _output, _error);
}
