using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Coco.Cli.Tests;

/// <summary><c>coco usage</c> against a control plane that answers what the contract says.</summary>
public sealed class UsageCommandTests : IDisposable
{
    private const string Token = "secret-of-the-test";
    private const string Usage =
        """
        {"month":"2026-11","plan":"free","relayedBytes":80500000,"controlBytes":2000000,"allowedBytes":100000000,"nodes":2,"allowedNodes":3,
         "warnings":[{"percent":80,"usedBytes":80000001,"allowedBytes":100000000,"at":"2026-11-20T10:00:00+00:00"}],"later":"what a later version adds"}
        """;

    private static readonly string Network = new Cluster.NetworkId(Crypto.NodeId.Read(Enumerable.Repeat((byte)7, 32).ToArray())).ToString();

    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));

    [Fact]
    public async Task It_shows_what_was_used_of_what()
    {
        using var plane = new Plane((200, Usage));

        var (code, output, error) = await RunAsync(Token, "usage", Network, "--control", plane.Address, "--month", "2026-11");

        Assert.True(code is ExitCode.Ok, error);
        Assert.Matches("(?m)^MONTH +PLAN +RELAYED +CONTROL +ALLOWED +USED +NODES", output);
        Assert.Matches(@"(?m)^2026-11 +free +80\.5 MB +2\.0 MB +100\.0 MB +82\.5 % +2 of 3", output);
        Assert.Contains("80 % reached: 80.0 MB of 100.0 MB", output, StringComparison.Ordinal);
        Assert.Equal($"GET /v1/networks/{Network}/usage?month=2026-11 Bearer {Token}", Assert.Single(plane.Requests));
    }

    [Fact]
    public async Task As_JSON_it_is_the_object_of_the_contract()
    {
        using var plane = new Plane((200, Usage));

        var (code, output, error) = await RunAsync(Token, "usage", Network, "--control", plane.Address, "--json");

        Assert.True(code is ExitCode.Ok, error);
        using var answer = JsonDocument.Parse(output);
        Assert.Equal(["month", "plan", "relayedBytes", "controlBytes", "allowedBytes", "nodes", "allowedNodes", "warnings"], answer.RootElement.EnumerateObject().Select(static one => one.Name));
        Assert.Equal(80_500_000, answer.RootElement.GetProperty("relayedBytes").GetInt64());
        Assert.Equal(80, answer.RootElement.GetProperty("warnings")[0].GetProperty("percent").GetInt64());
        Assert.Equal($"GET /v1/networks/{Network}/usage Bearer {Token}", Assert.Single(plane.Requests));
    }

    [Fact]
    public async Task Nodes_of_all_pages_are_listed_and_none_of_them_commands_the_terminal()
    {
        using var plane = new Plane(
            (200, """{"items":[{"node":"","relayedBytes":5,"controlBytes":6},{"node":"aaa","relayedBytes":1000,"controlBytes":7}],"next":"after aaa"}"""),
            (200, """{"items":[{"node":"b\u001b[31mb","relayedBytes":2000000,"controlBytes":8}]}"""));

        var (code, output, error) = await RunAsync(Token, "usage", Network, "--control", plane.Address, "--nodes");

        Assert.True(code is ExitCode.Ok, error);
        Assert.Matches(@"NODE +RELAYED +CONTROL\s+b\[31mb +2\.0 MB +8 B\s+aaa +1\.0 kB +7 B\s+others +5 B +6 B", output);
        Assert.DoesNotContain('\u001b', output);
        Assert.Equal($"GET /v1/networks/{Network}/usage/nodes?cursor=after%20aaa Bearer {Token}", plane.Requests[1]);
    }

    [Theory]
    [InlineData(401, "unauthenticated", (int)ExitCode.NotPermitted, "COCO_CONTROL_TOKEN")]
    [InlineData(403, "insufficient-scope", (int)ExitCode.NotPermitted, "usage:read")]
    [InlineData(404, "not-found", (int)ExitCode.NotFound, "the network's key")]
    [InlineData(429, "too-many-requests", (int)ExitCode.Unreachable, "later")]
    [InlineData(500, "internal", (int)ExitCode.Failed, "What it says")]
    public async Task A_problem_is_told_in_a_line(int status, string problem, int expected, string hint)
    {
        using var plane = new Plane((status, $$"""{"type":"urn:coco:problem:{{problem}}","title":"A title","status":{{status}},"detail":"What it says.","instance":"7"}"""));

        var (code, output, error) = await RunAsync(Token, "usage", Network, "--control", plane.Address);

        Assert.Equal(expected, (int)code);
        Assert.Empty(output);
        Assert.Contains("A title: What it says.", error, StringComparison.Ordinal);
        Assert.Contains(hint, error, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Where_nobody_listens_it_is_out_of_reach()
    {
        using var silent = new Socket(SocketType.Stream, ProtocolType.Tcp); // has the port, and takes no connections
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        var (code, _, error) = await RunAsync(Token, "usage", Network, "--control", $"http://{silent.LocalEndPoint}");

        Assert.Equal(ExitCode.Unreachable, code);
        Assert.Contains("does not answer", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Something_else_that_answers_is_no_control_plane()
    {
        using var plane = new Plane((200, "<html></html>"));

        var (code, _, error) = await RunAsync(Token, "usage", Network, "--control", plane.Address);

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("no answer of a control plane", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "https://control.example", null, (int)ExitCode.NotPermitted, "COCO_CONTROL_TOKEN")]
    [InlineData("two\nlines", "https://control.example", null, (int)ExitCode.NotPermitted, "Copy it anew")]
    [InlineData(Token, "http://control.example", null, (int)ExitCode.Usage, "https://")]
    [InlineData(Token, "control.example", null, (int)ExitCode.Usage, "https://control.example")]
    [InlineData(Token, "https://control.example/path", null, (int)ExitCode.Usage, "no address of a control plane")]
    [InlineData(Token, "https://control.example", "November", (int)ExitCode.Usage, "2026-11")]
    public async Task What_cannot_be_asked_is_not_tried(string? token, string control, string? month, int expected, string hint)
    {
        var (code, _, error) = await RunAsync(token, ["usage", Network, "--control", control, .. month is null ? Array.Empty<string>() : ["--month", month]]);

        Assert.Equal(expected, (int)code);
        Assert.Contains(hint, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_network_is_named_by_its_key()
    {
        var (code, _, error) = await RunAsync(Token, "usage", "home", "--control", "https://control.example");

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("\"home\" is no key of a network", error, StringComparison.Ordinal);
    }

    public void Dispose() => _limit.Dispose();

    private async Task<(ExitCode Code, string Output, string Error)> RunAsync(string? token, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var shell = new Shell { Output = output, Error = error, Variable = name => name == "COCO_CONTROL_TOKEN" ? token : null, Stopping = _limit.Token };
        var code = await CommandLine.RunAsync(arguments, shell);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>Answers one request after the other, each on a connection of its own.</summary>
    private sealed class Plane : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Plane(params (int Status, string Body)[] answers)
        {
            _listener.Start();
            Address = $"http://{_listener.LocalEndpoint}";
            _ = AnswerAsync(answers);
        }

        public string Address { get; }

        /// <summary>Method, path and authorization of each.</summary>
        public List<string> Requests { get; } = [];

        public void Dispose() => _listener.Dispose();

        private async Task AnswerAsync((int Status, string Body)[] answers)
        {
            foreach (var (status, body) in answers)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
                var (line, authorization) = ((await reader.ReadLineAsync())!, "");
                while (await reader.ReadLineAsync() is { Length: > 0 } header)
                {
                    if (header.StartsWith("Authorization: ", StringComparison.OrdinalIgnoreCase)) { authorization = header[15..]; }
                }
                Requests.Add($"{line[..line.LastIndexOf(' ')]} {authorization}");
                var bytes = Encoding.UTF8.GetBytes(body);
                var type = status == 200 ? "application/json" : "application/problem+json";
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(string.Create(
                    CultureInfo.InvariantCulture, $"HTTP/1.1 {status} X\r\nContent-Type: {type}\r\nContent-Length: {bytes.Length}\r\nConnection: close\r\n\r\n")));
                await client.GetStream().WriteAsync(bytes);
            }
        }
    }
}
