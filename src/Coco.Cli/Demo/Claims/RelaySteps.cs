using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using Coco.Crypto;
using Coco.Transport;
using Coco.Transport.Udp;
using Coco.Traversal;
using Coco.Traversal.Links;
using Coco.Traversal.Relays;

namespace Coco.Cli.Demo.Claims;

/// <summary>A node that only a relay reaches, until there is a better way: the connection takes it, and no longer needs the relay.</summary>
internal sealed class RelaySteps : IAsyncDisposable
{
    private const int MiB = 1 << 20;
    private const int ThroughRelay = 16 * MiB;
    private const int WithoutRelay = 64 * MiB;

    private readonly IdentityKey _relayKey = IdentityKey.Generate();
    private readonly IdentityKey _carolKey = IdentityKey.Generate();
    private readonly IdentityKey _daveKey = IdentityKey.Generate();
    private readonly byte[] _mark = RandomNumberGenerator.GetBytes(32);
    private readonly LoopbackNetwork _anywhere = new();
    private readonly LoopbackNetwork _atRelay;
    private readonly LoopbackNetwork _atDave;
    private Endpoint _relay = null!;
    private Endpoint _carol = null!;
    private Endpoint _dave = null!;
    private NetworkAddress _relayAddress;
    private volatile bool _isOpen;
    private long _relayed; // bytes
    private long _turnedAway;
    private volatile bool _hasLeaked;

    private RelaySteps() => (_atRelay, _atDave) = (new(Overhear), new(PassFirewall));

    public static async Task RunAsync(DemoReport report, CancellationToken cancellationToken)
    {
        await using var steps = new RelaySteps();
        await steps.StartAsync(cancellationToken);
        await steps.TellAsync(report, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_carol is not null) { await _carol.DisposeAsync(); }
        if (_dave is not null) { await _dave.DisposeAsync(); }
        if (_relay is not null) { await _relay.DisposeAsync(); }
        foreach (var network in (LoopbackNetwork[])[_anywhere, _atRelay, _atDave]) { network.Dispose(); }
        foreach (var key in (IdentityKey[])[_relayKey, _carolKey, _daveKey]) { key.Dispose(); }
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        // The default quota, for relays on the internet, would be the slowest part of the demo.
        var quota = new RelayQuota { BytesPerSecond = 1_000_000_000, PacketsPerSecond = 1_000_000 };
        _relay = await Endpoint.StartAsync(OptionsOf(_relayKey) with { RelayServer = new() { PerClient = quota } }, _atRelay, cancellationToken);
        _relayAddress = _relay.LocalEndPoints[0].ToNetworkAddress();
        var relays = (RelayInfo[])[new(_relay.Id, [_relayAddress])];
        _carol = await Endpoint.StartAsync(OptionsOf(_carolKey) with { Relays = relays }, _anywhere, cancellationToken);
        _dave = await Endpoint.StartAsync(OptionsOf(_daveKey) with { Relays = relays }, _atDave, cancellationToken);
        // Whoever has a home at the relay says so in its record.
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        while (_dave.Record is not { Relays.Count: > 0 }) { await tick.WaitForNextTickAsync(cancellationToken); }
    }

    private async Task TellAsync(DemoReport report, CancellationToken cancellationToken)
    {
        report.Heading("through a relay, and away from it, while data goes from carol to dave");
        report.Note($"carol  {_carol.Id}  {_carol.LocalEndPoints[0]}");
        report.Note($"dave   {_dave.Id}  {_dave.LocalEndPoints[0]}, behind a firewall that lets in what comes from the relay and nothing else");
        report.Note($"relay  {_relay.Id}  {_relay.LocalEndPoints[0]}");
        var accepting = _dave.AcceptAsync(cancellationToken).AsTask();
        var start = Stopwatch.GetTimestamp();
        await using var atCarol = await _carol.ConnectAsync(
            _dave.Id, new() { Relays = [new(_relay.Id, [_relayAddress])], Addresses = [_dave.LocalEndPoints[0]] }, cancellationToken);
        await using var atDave = await accepting;
        var took = Stopwatch.GetElapsedTime(start);
        DemoReport.Require(atCarol.ActivePath is { IsRelayed: true } && atDave.ActivePath is { IsRelayed: true }, "carol reached dave past his firewall");
        DemoReport.Require(atCarol.PeerId == _dave.Id && atDave.PeerId == _carol.Id, "carol and dave took each other for somebody else");
        report.Fact($"carol reached dave through the relay in {took.TotalMilliseconds:F0} ms; each proved to the other who they are, past the relay");

        var transfer = new LongTransfer(atCarol, atDave, _mark);
        transfer.Start(cancellationToken);
        await transfer.ReachAsync(ThroughRelay);
        TellOfRelay(report, atCarol, transfer);
        await GoDirectAsync(report, atCarol, atDave, transfer, cancellationToken);
        await StopRelayAsync(report, atCarol, transfer);
    }

    private void TellOfRelay(DemoReport report, Connection atCarol, LongTransfer transfer)
    {
        DemoReport.Require(atCarol.ActivePath is { IsRelayed: true }, "the transfer left the relay while the firewall was closed");
        DemoReport.Require(Volatile.Read(ref _turnedAway) > 0, "nothing knocked at dave's firewall, so that it has shown nothing");
        DemoReport.Require(Volatile.Read(ref _relayed) > ThroughRelay, "the transfer did not pass the relay");
        DemoReport.Require(!_hasLeaked, "the relay saw what carol sent");
        report.Fact(
            $"{transfer.Received / MiB} MiB went through the relay, which was searched for a text that stands in them every 256 bytes: it is nowhere "
            + $"in the {Volatile.Read(ref _relayed) / MiB} MiB of datagrams that came there");
    }

    private async Task GoDirectAsync(DemoReport report, Connection atCarol, Connection atDave, LongTransfer transfer, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        _isOpen = true;
        _atDave.Announce();
        var path = await atCarol.WaitForPathAsync(path => !path.IsRelayed, cancellationToken);
        await atDave.WaitForPathAsync(path => !path.IsRelayed, cancellationToken);
        DemoReport.Require(path.RemoteEndPoint.Equals(_dave.LocalEndPoints[0]), "carol went somewhere else than to dave");
        report.Fact(
            $"dave left his firewall, and {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms later the same connection went direct, at "
            + $"{transfer.Received / MiB} MiB: {atCarol.Verdict?.Sentence}");
    }

    private async Task StopRelayAsync(DemoReport report, Connection atCarol, LongTransfer transfer)
    {
        await _relay.DisposeAsync();
        var at = transfer.Received;
        var (isIntact, hash) = await transfer.FinishAsync(WithoutRelay);
        DemoReport.Require(transfer.Received - at >= WithoutRelay / 2, "nothing was left to be sent when the relay stopped");
        DemoReport.Require(isIntact, "what carol sent arrived changed");
        DemoReport.Require(!_hasLeaked, "the relay saw what carol sent");
        DemoReport.Require(atCarol.ActivePath is { IsRelayed: false }, "the connection did not stay direct");
        report.Fact(
            $"the relay was stopped, and the transfer went on to {transfer.Received / MiB} MiB: no byte lost, doubled or reordered, "
            + $"SHA-256 {hash[..8]}… at both ends");
    }

    private bool Overhear(in NetworkAddress sender, ReadOnlySpan<byte> data)
    {
        if (data.Length > 0 && data[0] == FirstByte.Relayed) { Volatile.Write(ref _relayed, _relayed + data.Length); }
        if (data.IndexOf(_mark) >= 0) { _hasLeaked = true; }
        return true;
    }

    private bool PassFirewall(in NetworkAddress sender, ReadOnlySpan<byte> data)
    {
        if (_isOpen || sender == _relayAddress) { return true; }
        Volatile.Write(ref _turnedAway, _turnedAway + 1);
        return false;
    }

    private static TransportOptions OptionsOf(IdentityKey key) =>
        new() { Identities = [key], ListenAddresses = [new(IPAddress.Loopback, 0)], UseTcp = false };
}
