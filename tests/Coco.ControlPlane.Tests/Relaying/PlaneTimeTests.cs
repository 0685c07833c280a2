using System.Globalization;
using System.Net;
using Coco.Cluster.Time;
using Coco.ControlPlane.Relaying;
using Coco.ControlPlane.Tests.Certificates;
using Coco.Crypto;
using Coco.Transport;
using Coco.Transport.Udp;
using Microsoft.Extensions.DependencyInjection;
using Endpoint = Coco.Transport.Endpoint;

namespace Coco.ControlPlane.Tests.Relaying;

/// <summary>Nodes without a clock, and the time that a control plane tells them which their network lists.</summary>
public sealed class PlaneTimeTests : IAsyncLifetime
{
    private const ulong Told = 5_000_000_000; // in 2128

    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(2); // tests on a busy machine

    private static readonly DateTimeOffset Set = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly CancellationTokenSource _patience = new(RelayScene.Patience);
    private TestPlane _plane = null!;

    public async ValueTask InitializeAsync() => _plane = await TestPlane.StartAsync(change: static settings =>
    {
        var place = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Pebble.FreePort()}");
        return settings with { Listen = [.. settings.Listen, "https://" + place], Relaying = new() { Listen = ["127.0.0.1:0"], Url = $"wss://{place}/coco", DrainTime = TimeSpan.Zero } };
    });

    public async ValueTask DisposeAsync()
    {
        _patience.Dispose();
        await _plane.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_node_that_boots_in_1970_learns_the_time_of_a_listed_control_plane(bool byUrlAlone)
    {
        await using var lamp = await FoundAsync();
        await using var node = await JoinAsync(lamp, trustsClock: false);
        Assert.False((await TimeOfAsync(node)).IsTrusted);

        var relay = _plane.Host.Services.GetRequiredService<RelayInstance>().Info!;
        await lamp.SetControlPlanesAsync([byUrlAlone ? new(relay.Id, [], relay.Url) : Info()], _patience.Token);
        await UntilAsync(async () => (await TimeOfAsync(node)).IsTrusted);

        Assert.InRange(await NowOfAsync(node), _plane.Time.GetUtcNow(), _plane.Time.GetUtcNow() + Slack);
    }

    [Fact]
    public async Task What_a_lying_one_told_is_gone_when_it_is_listed_no_more_and_nobody_else_has_said_it()
    {
        _plane.Time.Advance(TimeSpan.FromDays(75 * 365)); // the year 2101
        await using var lamp = await FoundAsync();
        await using var node = await JoinAsync(lamp, trustsClock: false);
        await lamp.SetControlPlanesAsync([Info()], _patience.Token);
        await UntilAsync(async () => (await TimeOfAsync(node)).IsTrusted);
        Assert.True(await NowOfAsync(node) > new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero)); // it is believed as the owner is: the owner lists it

        await lamp.SetControlPlanesAsync([], _patience.Token);
        await UntilAsync(() => Task.FromResult(node.ControlPlanes.Count == 0));

        Assert.False((await TimeOfAsync(node)).IsTrusted);
        Assert.True(await NowOfAsync(node) < Boot.Later);
        Assert.True(await NowOfAsync(lamp) < Boot.Later);
    }

    [Fact]
    public async Task Who_knows_the_time_and_who_dates_statements_ask_no_control_plane()
    {
        _plane.Time.Advance(TimeSpan.FromDays(75 * 365));
        await using var lamp = await FoundAsync();
        await using var phone = await JoinAsync(lamp, trustsClock: true);

        await lamp.SetControlPlanesAsync([Info()], _patience.Token);
        await UntilAsync(() => Task.FromResult(phone.ControlPlanes.Count == 1));

        Assert.Null(await AskAsync(lamp, Info().Id)); // the owner's
        Assert.Null(await AskAsync(phone, Info().Id)); // whose host vouches for its clock
        Assert.True(await NowOfAsync(lamp) < Boot.Later);
        Assert.True(await NowOfAsync(phone) < Set.AddYears(1));
    }

    [Fact]
    public async Task Half_of_a_question_ends_its_own_connection_and_the_next_is_answered()
    {
        using var key = IdentityKey.Generate();
        await using var caller = await Endpoint.StartAsync(new() { Identities = [key], ListenAddresses = [new(IPAddress.Loopback, 0)] });
        foreach (var half in (byte[][])[[], [0x03], [0x03, 1], [0x03, 0, 9, 1, 2], [0x03, 0xFF, 0xFF], [0x02], [0x02, 1, 2], [0x77, 1, 2, 3]]) { Assert.Equal(0, await AnswerAsync(half)); }

        var question = LiveTime.Question(new(key.Id), new byte[LiveTime.NonceSize]);
        Assert.Equal(LiveTime.AnswerSize, await AnswerAsync(question));

        // How many bytes come back.
        async Task<int> AnswerAsync(byte[] question)
        {
            await using var connection = await caller.ConnectAsync(Info().Id, new() { Addresses = [.. Info().Addresses.Select(static address => address.ToIPEndPoint())] }, _patience.Token);
            await using var stream = await connection.OpenStreamAsync(cancellationToken: _patience.Token);
            try
            {
                await stream.WriteAsync(question, _patience.Token);
                await stream.CompleteWritesAsync(_patience.Token);
                return await stream.ReadAtLeastAsync(new byte[LiveTime.AnswerSize], LiveTime.AnswerSize, throwOnEndOfStream: false, _patience.Token);
            }
            catch (TransportException)
            {
                return 0; // the relay closed the connection
            }
        }
    }

    [Fact]
    public async Task An_answer_counts_for_its_question_its_asker_and_its_signer_alone()
    {
        await using var lamp = await FoundAsync();
        await using var node = await JoinAsync(lamp, trustsClock: false);
        using var listed = IdentityKey.Generate();
        using var other = IdentityKey.Generate();
        // Where nobody answers by itself.
        await lamp.SetControlPlanesAsync([new(listed.Id, [], Api: new("https://control.example"))], _patience.Token);
        await UntilAsync(() => Task.FromResult(node.ControlPlanes.Count == 1));
        var (first, second) = (await AskAsync(node, listed.Id), await AskAsync(node, listed.Id));

        Assert.False(await TakeAsync(node, listed.Id, first!, LiveTime.Answer(first, node.Id, other, Told)!));
        Assert.False(await TakeAsync(node, listed.Id, first!, LiveTime.Answer(second, node.Id, listed, Told)!));
        Assert.False(await TakeAsync(node, listed.Id, first!, LiveTime.Answer(first, other.Id, listed, Told)!));
        Assert.False(await TakeAsync(node, listed.Id, first!, [1, 2, 3]));
        Assert.Null(await AskAsync(node, other.Id)); // who is not listed is not asked, and is not heard
        await TakeAsync(node, other.Id, first!, LiveTime.Answer(first, node.Id, other, Told)!);
        Assert.False((await TimeOfAsync(node)).IsTrusted);
        Assert.True(await TakeAsync(node, listed.Id, first!, LiveTime.Answer(first, node.Id, listed, Told)!));
        Assert.InRange((await TimeOfAsync(node)).UnixSeconds, Told, Told + (ulong)Slack.TotalSeconds);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(48)]
    [InlineData(50)]
    public void Bytes_that_are_no_question_have_no_answer(int length)
    {
        using var key = IdentityKey.Generate();
        var bytes = new byte[length];
        if (length > 0) { bytes[0] = 2; }

        Assert.Null(LiveTime.Answer(bytes, key.Id, key, 1));
    }

    private ControlPlaneInfo Info()
    {
        var relay = _plane.Host.Services.GetRequiredService<RelayInstance>().Info!;
        return new(relay.Id, relay.Addresses);
    }

    // Its owner has no clock either, and tells nobody the time.
    private Task<Node> FoundAsync() => Node.CreateNetworkAsync(new() { Name = "home" }, Options("lamp", trustsClock: false), _patience.Token);

    private async Task<Node> JoinAsync(Node sponsor, bool trustsClock) => await Node.JoinAsync(await sponsor.InviteAsync(cancellationToken: _patience.Token), Options("phone", trustsClock), _patience.Token);

    private static NodeOptions Options(string name, bool trustsClock) => new()
    {
        Name = name, App = new("org.example.home"), ListenAddresses = [new(System.Net.IPAddress.Loopback, 0)], DiscoverOnLan = false, TrustsClock = trustsClock,
        TimeProvider = new Boot(trustsClock ? Set : DateTimeOffset.UnixEpoch), // a clock that shows 1970 is vouched for by nobody
    };

    private Task<byte[]?> AskAsync(Node node, NodeId plane) => node.Loop.AskAsync((member, now) => member.AskPlaneTime(plane, now), _patience.Token);

    private Task<bool> TakeAsync(Node node, NodeId plane, byte[] question, byte[] answer) =>
        node.Loop.AskAsync((member, now) => member.HandlePlaneTime(plane, question, answer, now), _patience.Token);

    private Task<TimeView> TimeOfAsync(Node node) => node.Loop.AskAsync((member, now) => member.Time(now), _patience.Token);

    private async Task<DateTimeOffset> NowOfAsync(Node node) => DateTimeOffset.FromUnixTimeSeconds((long)(await TimeOfAsync(node)).UnixSeconds);

    private async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition()) { await Task.Delay(10, _patience.Token); }
    }

    /// <summary>A machine that was switched on at some time, as it believes. Timers run by the machine's.</summary>
    private sealed class Boot(DateTimeOffset at) : TimeProvider
    {
        public static readonly DateTimeOffset Later = DateTimeOffset.UnixEpoch.AddYears(1);

        private readonly long _start = System.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => at.AddHours(1) + System.GetElapsedTime(_start);
    }
}
