using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Coco.Cluster.Membership;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client;
using Coco.ControlPlane.Client.Contracts.Webhooks;
using Coco.ControlPlane.Commands;
using Coco.ControlPlane.Relaying;
using Coco.ControlPlane.Tests.Networks;
using Coco.ControlPlane.Tests.Relaying;
using Coco.ControlPlane.Webhooks;
using Coco.Crypto;
using Coco.Traversal.Relays;
using Microsoft.Extensions.DependencyInjection;

namespace Coco.ControlPlane.Tests.Webhooks;

/// <summary>Events for services of apps, on either engine.</summary>
public abstract class WebhookTests(PostgreSqlServer? server) : IAsyncLifetime
{
    private TestPlane _plane = null!;
    private Receiver _receiver = null!;
    private Developer _developer = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(server is null || PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        _plane = await TestPlane.StartAsync(server, change: settings => settings with { Webhooks = new() { AllowsPrivateTargets = true } });
        _receiver = await Receiver.StartAsync();
        _developer = await Developer.CreateAsync(_plane);
    }

    public async ValueTask DisposeAsync()
    {
        _developer?.Dispose(); // not there where the engine is not
        if (_plane is not null) { await _plane.DisposeAsync(); }
        if (_receiver is not null) { await _receiver.DisposeAsync(); }
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Events_come_signed_and_in_order()
    {
        var hook = await HookAsync(_developer);
        var fleet = await _developer.FoundAsync();
        using var node = IdentityKey.Generate();
        using var user = IdentityKey.Generate();
        await fleet.CertifyAsync(Developer.Information(fleet.Network, "van", node));
        await fleet.GrantAsync(new Cluster.UserId(user.Id), Role.Admin);
        await fleet.DestroyAsync(node.Id);
        await DeliverAsync();

        var events = Heard();
        Assert.Equal(["node.created", "role.changed", "node.removed"], events.Select(happened => happened.Type));
        Assert.Equal((node.Id.ToString(), fleet.Network.ToString(), false), (events[0].Node, events[0].Network, events[0].Anonymised));
        Assert.Equal((user.Id.ToString(), "admin"), (events[1].User, events[1].Role));
        Assert.All(_receiver.Heard, heard => Assert.Equal(Signature(hook.Secret!, heard.Signature, heard.Body), heard.Signature));
        Assert.All((await _developer.Client().ListDeliveriesAsync(_developer.App, hook.Id)).Items, delivery => Assert.Equal("delivered", delivery.State));
    }

    [Fact]
    public async Task A_network_near_its_allowance_is_told_once()
    {
        await HookAsync(_developer);
        var fleet = await _developer.FoundAsync();
        var usage = _plane.Host.Services.GetRequiredService<UsageStore>();
        await usage.FlushAsync(new("run", 1, usage.Month, [new RelayUsage(default, fleet.Network.ToString(), 85_000_000, 0)]), default);
        await usage.FlushAsync(new("run", 2, usage.Month, [new RelayUsage(default, fleet.Network.ToString(), 1, 0)]), default);
        await DeliverAsync();

        Assert.Equal([("usage.warning", fleet.Network.ToString(), 80)], Heard().Select(happened => (happened.Type, happened.Network, happened.Percent ?? 0)));
    }

    [Fact]
    public async Task What_was_not_taken_is_sent_again_before_what_came_later()
    {
        await HookAsync(_developer);
        var fleet = await _developer.FoundAsync();
        _receiver.Status = 500;
        await fleet.CertifyAsync(Developer.Information(fleet.Network, "one"));
        await DeliverAsync();
        await fleet.CertifyAsync(Developer.Information(fleet.Network, "two"));
        await DeliverAsync();
        Assert.Single(_receiver.Heard);
        _receiver.Status = 200;

        await _plane.RestartAsync(); // what is to be told is on disk
        _plane.Time.Advance(TimeSpan.FromMinutes(2));
        await DeliverAsync();

        var events = Heard();
        Assert.Equal(3, events.Count);
        Assert.Equal(events[0].Id, events[1].Id);
        Assert.NotEqual(events[0].Node, events[2].Node);
    }

    [Fact]
    public async Task Services_that_hang_hold_up_nobody_else_and_are_told_one_thing_at_a_time()
    {
        const int Hooks = 10, Places = 4, Others = 20;
        _plane.Host.Services.GetRequiredService<WebhookSender>().Patience = TimeSpan.FromMinutes(10); // it hangs until it is let go
        await using var hanging = await Receiver.StartAsync();
        var release = new TaskCompletionSource();
        hanging.Hangs = release.Task;
        using var slow = await Developer.CreateAsync(_plane);
        var others = new List<Developer>();
        try
        {
            for (var i = 0; i < Hooks; i++) { await slow.Client().CreateWebhookAsync(slow.App, new(hanging.Url, WebhookOutbox.Events)); }
            var fleet = await slow.FoundAsync();
            await fleet.CertifyAsync(Developer.Information(fleet.Network, "one"));
            await RelayScene.UntilAsync(() => hanging.Heard.Count == Places);
            await fleet.CertifyAsync(Developer.Information(fleet.Network, "two"));

            var told = new List<string>();
            for (var i = 0; i < Others; i++)
            {
                others.Add(await Developer.CreateAsync(_plane));
                await HookAsync(others[i]);
                var network = await others[i].FoundAsync();
                foreach (var name in (string[])["one", "two"]) { told.Add((await network.CertifyAsync(Developer.Information(network.Network, name))).Node.Id); }
            }
            await RelayScene.UntilAsync(() => _receiver.Heard.Count == told.Count);

            Assert.Equal(told.Chunk(2), Heard().GroupBy(static happened => happened.Network).Select(static one => one.Select(static happened => happened.Node!).ToArray()).OrderBy(one => told.IndexOf(one[0])));
            Assert.Equal((Places, 0), (hanging.Heard.Count, await AttemptsAsync())); // they hang still, and have no more places than one person has
            release.SetResult();
            await RelayScene.UntilAsync(async () => await AttemptsAsync() == 2 * Hooks);
            Assert.Equal((2 * Hooks, 2), (hanging.Heard.Count, hanging.Heard.Select(static heard => JsonSerializer.Deserialize<WebhookEvent>(heard.Body, ApiJson.Options)!.Node).Distinct().Count()));
        }
        finally
        {
            release.TrySetResult();
            others.ForEach(static one => one.Dispose());
        }

        async Task<long> AttemptsAsync() => await _plane.Database.ReadAsync(
            session => session.NumberAsync($"SELECT COUNT(*) FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook WHERE w.app = {slow.App} AND d.attempts > 0"), default) ?? 0;
    }

    [Fact]
    public async Task Who_is_locked_out_is_told_nothing_while_it_lasts_nor_of_it_later()
    {
        var hook = await HookAsync(_developer);
        var fleet = await _developer.FoundAsync();
        var usage = _plane.Host.Services.GetRequiredService<UsageStore>();
        _receiver.Status = 500;
        await fleet.CertifyAsync(Developer.Information(fleet.Network, "one"));
        await DeliverAsync(); // not taken: it waits
        var release = new TaskCompletionSource();
        _receiver.Hangs = release.Task;
        _plane.Time.Advance(TimeSpan.FromMinutes(2));
        await RelayScene.UntilAsync(() => _receiver.Heard.Count == 2); // an attempt is under way

        await RunAsync("lock");
        release.SetResult();
        await DeliverAsync();
        Assert.Equal(["failed"], await StatesAsync());
        var heard = _receiver.Heard.Count;
        _receiver.Status = 200;
        await usage.FlushAsync(new("run", 1, usage.Month, [new RelayUsage(default, fleet.Network.ToString(), 85_000_000, 0)]), default);
        _plane.Time.Advance(TimeSpan.FromHours(25));
        await DeliverAsync();
        Assert.Equal(heard, _receiver.Heard.Count);
        Assert.Equal(["failed"], await StatesAsync());
        await SetAsync("pending"); // as what was left by a version that did not give it up
        await DeliverAsync();
        Assert.Equal(heard, _receiver.Heard.Count);
        await SetAsync("failed");

        await RunAsync("unlock");
        await DeliverAsync();
        Assert.Equal(heard, _receiver.Heard.Count);
        await usage.FlushAsync(new("run", 2, usage.Month, [new RelayUsage(default, fleet.Network.ToString(), 20_000_000, 0)]), default);
        await DeliverAsync();

        Assert.Equal(("usage.warning", 100), Heard()[^1] is var last ? (last.Type, last.Percent ?? 0) : default); // the hook is as it was
        Assert.Equal(heard + 1, _receiver.Heard.Count);
        Assert.Equal("active", await _plane.Database.ReadAsync(session => session.FirstAsync($"SELECT state FROM webhooks WHERE id = {hook.Id}", static row => row.Text("state")), default));

        async Task<string[]> StatesAsync() => [.. await _plane.Database.ReadAsync(static session => session.QueryAsync($"SELECT state FROM webhook_deliveries ORDER BY position", static row => row.Text("state")), default)];

        Task<int> SetAsync(string state) => _plane.Database.WriteAsync(session => session.ExecuteAsync($"UPDATE webhook_deliveries SET state = {state}"), default);

        async Task RunAsync(string change) => Assert.Equal(EntryPoint.Done, await EntryPoint.RunAsync(
            ["accounts", change, _developer.Account, "--DataDirectory", _plane.Settings.DataDirectory, "--Database", _plane.Settings.DatabaseLocation], TextWriter.Null, TextWriter.Null));
    }

    [Fact]
    public async Task A_hook_that_takes_nothing_for_a_day_is_disabled()
    {
        var hook = await HookAsync(_developer);
        var fleet = await _developer.FoundAsync();
        _receiver.Status = 404;
        await fleet.CertifyAsync(Developer.Information(fleet.Network, "one"));
        await DeliverAsync();

        _plane.Time.Advance(TimeSpan.FromHours(23.5));
        await DeliverAsync();
        Assert.Equal("active", await StateAsync());
        _plane.Time.Advance(TimeSpan.FromHours(1));
        await DeliverAsync();

        Assert.Equal("disabled", await StateAsync());

        Task<string?> StateAsync() => _plane.Database.ReadAsync(session => session.FirstAsync($"SELECT state FROM webhooks WHERE id = {hook.Id}", row => row.Text("state")), default);
    }

    [Fact]
    public async Task What_an_apps_service_hears_of_networks_of_people_names_nobody()
    {
        await HookAsync(_developer);
        var (_, token) = await _plane.CreateAccountAsync();
        using var key = IdentityKey.Generate();
        using var node = IdentityKey.Generate();
        using var http = _plane.Connect();
        using var home = await NetworkAuthority.CreateAsync(new(http, _ => ValueTask.FromResult<string?>(token)), key, new() { Name = "homename" });
        var created = await home.CertifyAsync(Developer.Information(home.Network, "secretname", node, app: _developer.App));
        await home.CertifyAsync(Developer.Information(home.Network, "othername"));
        await home.GrantAsync(new Cluster.UserId(node.Id), Role.Guest);
        await DeliverAsync();
        Assert.Empty(_receiver.Heard); // not before the day is over
        _plane.Time.Advance(TimeSpan.FromHours(13));
        await DeliverAsync();

        var happened = Assert.Single(Heard());
        Assert.Equal(("node.created", true, TimeSpan.Zero), (happened.Type, happened.Anonymised, happened.At.TimeOfDay));
        var sent = string.Join('\n', _receiver.Heard);
        string[] identifying = [home.Network.ToString(), key.Id.ToString(), node.Id.ToString(), created.Node.User, created.Node.Certificate[..40], "homename", "secretname", "acc_", "example.org"];
        Assert.All(identifying, value => Assert.DoesNotContain(value, sent, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("http://example.com/")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://10.1.2.3/")]
    [InlineData("https://[::ffff:192.168.0.1]/")]
    [InlineData("https://[fd00::1]/")]
    [InlineData("https://[2002:7f00:1::]/")]
    [InlineData("https://2130706433/")]
    [InlineData("https://0x7f.1/")]
    [InlineData("https://localhost/")]
    [InlineData("https://user:secret@example.com/")]
    [InlineData("file:///etc/passwd")]
    public async Task Only_addresses_of_the_internet_are_told(string url)
    {
        using var sender = new WebhookSender(new(), TimeProvider.System);

        Assert.NotNull(await sender.CheckAsync(url, default));
    }

    [Fact]
    public async Task An_address_is_checked_again_when_it_is_connected_to()
    {
        // As if a name had been of the internet when it was registered, and were this machine's now.
        using var sender = new WebhookSender(new(), TimeProvider.System);

        Assert.Null(await sender.SendAsync(_receiver.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal), new byte[32], "evt", "{}", default));
        Assert.Null(await sender.SendAsync(_receiver.Url, new byte[32], "evt", "{}", default));

        Assert.Empty(_receiver.Heard);
        Assert.True(InternetAddress.Is(IPAddress.Parse("9.9.9.9")));
        Assert.True(InternetAddress.Is(IPAddress.Parse("2620:fe::fe")));
    }

    private Task<WebhookView> HookAsync(Developer developer) => developer.Client().CreateWebhookAsync(developer.App, new(_receiver.Url, WebhookOutbox.Events));

    private Task<int> DeliverAsync() => _plane.Host.Services.GetRequiredService<WebhookCourier>().RunOnceAsync(default);

    private List<WebhookEvent> Heard() => [.. _receiver.Heard.Select(heard => JsonSerializer.Deserialize<WebhookEvent>(heard.Body, ApiJson.Options)!)];

    private static string Signature(string secret, string header, string body)
    {
        var seconds = header.Split(',')[0][2..];
        return $"t={seconds},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Base64Url.DecodeFromChars(secret), Encoding.UTF8.GetBytes($"{seconds}.{body}")))}";
    }
}
