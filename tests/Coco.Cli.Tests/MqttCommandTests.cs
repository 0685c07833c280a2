using System.Diagnostics;
using System.Text.Json;
using Coco.Lab;

namespace Coco.Cli.Tests;

/// <summary>MQTT clients of two machines, whose daemons are in one network.</summary>
public sealed class MqttCommandTests
{
    [Fact]
    public async Task Mosquitto_hears_what_mosquitto_publishes_at_another_node()
    {
        RequireMosquitto();
        await using var pair = await StartAsync();
        var kitchen = await pair.Kitchen.AskAsync("mqtt", "open", "0", "--user");
        var laptop = await pair.Laptop.AskAsync("mqtt", "open", "0"); // asks for the token
        var token = (await pair.Laptop.DoAsync("tunnel", "token")).Trim();

        await MosquittoAsync("mosquitto_pub", kitchen, "-t", "home/kitchen/temperature", "-m", "21.5", "-q", "1", "-r");
        string[] subscribe = ["-t", "home/+/temperature", "-C", "1", "-F", "%t %p"];
        Assert.Equal("home/kitchen/temperature 21.5\n", await MosquittoAsync("mosquitto_sub", laptop, ["-u", "coco", "-P", token, .. subscribe]));

        await Assert.ThrowsAnyAsync<InvalidOperationException>(() => MosquittoAsync("mosquitto_sub", laptop, ["-u", "coco", "-P", new string('0', 64), .. subscribe]));
        await pair.Laptop.AskUntilAsync(static answer => answer.GetProperty("servers")[0].GetProperty("refused").GetInt64() == 1, "mqtt", "list");
    }

    [Fact]
    public async Task The_server_is_at_the_same_port_after_a_restart_with_its_sessions()
    {
        RequireMosquitto();
        await using var pair = await StartAsync();
        var server = await pair.Laptop.AskAsync("mqtt", "open", "0", "--user");
        string[] session = ["-i", "sleeper", "-c", "-q", "1", "-t", "a/#"];
        await MosquittoAsync("mosquitto_sub", server, [.. session, "-E"]);
        await MosquittoAsync("mosquitto_pub", server, "-t", "a/b", "-m", "kept", "-q", "1");

        await pair.Laptop.DownAsync();
        await pair.Laptop.UpAsync("--listen", pair.Laptop.Address);

        Assert.Contains(server.GetProperty("local").GetString()!, await pair.Laptop.DoAsync("status"));
        Assert.Equal("kept\n", await MosquittoAsync("mosquitto_sub", server, [.. session, "-C", "1"]));
        await pair.Laptop.DoAsync("mqtt", "close");
        Assert.Empty((await pair.Laptop.AskAsync("mqtt", "list")).GetProperty("servers").EnumerateArray());
        await Assert.ThrowsAnyAsync<InvalidOperationException>(() => MosquittoAsync("mosquitto_sub", server, [.. session, "-E"]));
    }

    [Fact]
    public async Task Users_of_a_file_have_the_topics_of_their_networks()
    {
        RequireMosquitto();
        await using var daemon = await TestDaemon.StartAsync();
        foreach (var network in (string[])["home", "work"]) { await daemon.DoAsync("net", "create", network, "--node-name", "laptop"); }
        var file = Path.Combine(daemon.Folder, "users");
        daemon.Passphrase = "of ada";
        await daemon.DoAsync("mqtt", "passwd", file, "ada");
        daemon.Passphrase = "of bob";
        await daemon.DoAsync("mqtt", "passwd", file, "bob", "--for", "work");
        await File.AppendAllTextAsync(file, "# who needs no password\nclient clock:work\n");
        var server = await daemon.AskAsync("mqtt", "open", "0", "--user", "--network", "home", "--users", file);
        Assert.Equal(3, server.GetProperty("users").GetInt32());
        string[] ada = ["-u", "ada", "-P", "of ada"], bob = ["-u", "bob", "-P", "of bob"], clock = ["-i", "clock"];

        await daemon.DownAsync();
        await daemon.UpAsync("--listen", daemon.Address); // they are its users still

        await MosquittoAsync("mosquitto_pub", server, [.. ada, "-t", "who", "-m", "ada", "-r", "-q", "1"]);
        await MosquittoAsync("mosquitto_pub", server, [.. bob, "-t", "who", "-m", "bob", "-r", "-q", "1"]);
        Assert.Equal("ada\n", await MosquittoAsync("mosquitto_sub", server, [.. ada, "-t", "who", "-C", "1"]));
        Assert.Equal("bob\n", await MosquittoAsync("mosquitto_sub", server, [.. clock, "-t", "who", "-C", "1"]));
        foreach (var stranger in (string[][])[["-u", "ada", "-P", "of bob"], ["-i", "stranger"]])
        {
            await Assert.ThrowsAnyAsync<InvalidOperationException>(() => MosquittoAsync("mosquitto_pub", server, [.. stranger, "-t", "who", "-m", "x", "-q", "1"]));
        }

        await daemon.DoAsync("net", "leave", "work", "--yes");
        Assert.Contains("work, which was left", (await daemon.AskAsync("mqtt", "list")).GetProperty("servers")[0].GetProperty("problem").GetString());
    }

    [Fact]
    public async Task What_is_wrong_with_a_file_of_users_is_said_with_what_to_do()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.DoAsync("net", "create", "home", "--node-name", "laptop");
        var file = Path.Combine(daemon.Folder, "users");
        foreach (var (text, said) in new[] { ("", "coco mqtt passwd"), ("\nada\n", "line 2"), ("ada:secret\n", "coco mqtt passwd FILE ada"), ("client c:wrok\n", "no network wrok") })
        {
            await File.WriteAllTextAsync(file, text);
            var outcome = await daemon.RunAsync("mqtt", "open", "0", "--users", file);
            Assert.NotEqual(ExitCode.Ok, outcome.Code);
            Assert.Contains(said, outcome.Error);
        }
        Assert.Contains("cannot be read", (await daemon.RunAsync("mqtt", "open", "0", "--users", file + "2")).Error);
        Assert.Contains("needs a password", (await daemon.RunAsync("mqtt", "passwd", file, "ada")).Error);
        Assert.Contains("no colon", (await daemon.RunAsync("mqtt", "passwd", file, "a:b")).Error);
    }

    [Fact]
    public async Task What_is_wrong_is_said_with_what_to_do()
    {
        using var other = new EchoServer();
        await using var daemon = await TestDaemon.StartAsync();
        Assert.Equal(ExitCode.NotFound, (await daemon.RunAsync("mqtt", "open", "0")).Code);
        await daemon.DoAsync("net", "create", "home", "--node-name", "laptop");
        Assert.Contains("no MQTT server", await daemon.DoAsync("mqtt", "list"));

        var taken = await daemon.RunAsync("mqtt", "open", $"{other.Port}", "--user");
        Assert.Equal(ExitCode.Failed, taken.Code);
        Assert.Contains("in use", taken.Error);
        Assert.Contains("Did you mean home?", (await daemon.RunAsync("mqtt", "open", "0", "--network", "hmoe")).Error);
        Assert.Contains("unix:path", (await daemon.RunAsync("mqtt", "open", "udp:0")).Error);
        Assert.Contains("--anyone", (await daemon.RunAsync("mqtt", "open", "tcp:192.0.2.1:0")).Error);
        Assert.Equal(ExitCode.NotFound, (await daemon.RunAsync("mqtt", "close")).Code);

        var socket = $"unix:{Path.Combine(daemon.Folder, "mqtt.sock")}";
        Assert.Equal(socket, (await daemon.AskAsync("mqtt", "open", socket, "--user")).GetProperty("local").GetString());
        Assert.Contains("coco mqtt close", (await daemon.RunAsync("mqtt", "open", "0")).Error);
    }

    [Fact]
    public async Task A_server_takes_as_many_clients_as_it_was_told_to_also_after_a_restart()
    {
        RequireMosquitto();
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.DoAsync("net", "create", "home", "--node-name", "laptop");
        Assert.Contains("65536", (await daemon.RunAsync("mqtt", "open", "0", "--max-connections", "0")).Error);
        Assert.Contains("65536", (await daemon.RunAsync("mqtt", "open", "0", "--max-connections", "65537")).Error);
        var server = await daemon.AskAsync("mqtt", "open", "0", "--anyone", "--max-connections", "1");
        Assert.Equal(1, server.GetProperty("maxClients").GetInt32());
        await daemon.DownAsync();
        await daemon.UpAsync("--listen", daemon.Address);

        using (var first = new System.Net.Sockets.TcpClient("127.0.0.1", int.Parse(server.GetProperty("local").GetString()!.Split(':')[^1], System.Globalization.CultureInfo.InvariantCulture)))
        {
            await first.GetStream().WriteAsync(Convert.FromHexString("100D00044D5154540402003C000161"), daemon.Limit);
            Assert.Equal(0x20, first.GetStream().ReadByte()); // CONNACK
            await Assert.ThrowsAnyAsync<InvalidOperationException>(() => MosquittoAsync("mosquitto_pub", server, "-t", "a", "-m", "x", "-q", "1"));
        }
        await daemon.AskUntilAsync(static answer => answer.GetProperty("servers")[0].GetProperty("clients").GetInt32() == 0, "mqtt", "list");
        await MosquittoAsync("mosquitto_pub", server, "-t", "a", "-m", "x", "-q", "1");
    }

    [Theory]
    [InlineData(null, null, 16_384, false)]
    [InlineData(null, 100_000, 16_384, false)]
    [InlineData(null, 500, 500, true)]
    [InlineData(500, 500, 500, false)]
    [InlineData(501, 500, 0, false)] // refused
    public void More_clients_than_the_process_may_have_files_are_refused_or_not_promised(int? wanted, int? room, int clients, bool isByFiles)
    {
        if (clients > 0) { Assert.Equal((clients, isByFiles), Daemon.HeldMqtt.MostOf(wanted, room)); }
        else { Assert.Contains("ulimit -Hn", Assert.ThrowsAny<Exception>(() => Daemon.HeldMqtt.MostOf(wanted, room)).Message); }
    }

    [Fact]
    public async Task A_port_that_was_taken_meanwhile_is_shown_by_status_and_doctor()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.DoAsync("net", "create", "home", "--node-name", "laptop");
        var local = (await daemon.AskAsync("mqtt", "open", "0", "--user")).GetProperty("local").GetString()!;
        await daemon.DownAsync();
        using var other = new EchoServer(int.Parse(local.Split(':')[^1], System.Globalization.CultureInfo.InvariantCulture));
        await daemon.UpAsync();

        Assert.Contains($"no MQTT at {local}", await daemon.DoAsync("status"));
        Assert.Contains($"coco mqtt open {local} --network home", (await daemon.RunAsync("doctor")).Output);
        await daemon.DoAsync("mqtt", "open", "0");
        Assert.Contains(": MQTT at", await daemon.DoAsync("status"));
    }

    // Where CI=true a missing program is a failure: there it is installed.
    private static void RequireMosquitto()
    {
        if (LabSupport.IsInstalled("mosquitto_pub") && LabSupport.IsInstalled("mosquitto_sub")) { return; }
        const string Reason = "NOT TESTED: mosquitto_pub and mosquitto_sub are not installed. Install them: apt-get install mosquitto-clients";
        Assert.False(LabSupport.MustRun, Reason);
        Assert.Skip(Reason);
    }

    private static async Task<TestPair> StartAsync()
    {
        var pair = await TestPair.StartAsync();
        var file = Path.Combine(pair.Laptop.Folder, "policy");
        await File.WriteAllTextAsync(file, "coco policy 1\nallow publish # from anyone\nallow subscribe # from anyone\n");
        await pair.Laptop.DoAsync("policy", "set", file);
        return pair;
    }

    /// <summary>What it prints until it ends; fails where it does not end well.</summary>
    private static async Task<string> MosquittoAsync(string program, JsonElement server, params string[] arguments)
    {
        using var patience = new CancellationTokenSource(TestDaemon.Patience);
        var port = server.GetProperty("local").GetString()!.Split(':')[^1];
        using var process = Process.Start(new ProcessStartInfo(program, ["-h", "127.0.0.1", "-p", port, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program}: {process.ExitCode}, {await errors}");
        }
        finally
        {
            if (!process.HasExited) { process.Kill(); }
        }
    }
}
