using System.Globalization;
using Coco.Lab.Nat;
using Coco.Lab.Simulated;
using Coco.Traversal;
using Coco.Traversal.Finding;
using Coco.Traversal.Links;
using Coco.Traversal.Roaming;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Two relays, nodes that know both, and an internet on whose every packet somebody looks for plaintext.</summary>
internal sealed class RoamingScene : IDisposable
{
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(6); // registered, and the NAT looked at

    private static readonly ulong DefaultSeed =
        ulong.TryParse(Environment.GetEnvironmentVariable("COCO_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : 17;

    private readonly List<RoamingPeer> _peers = [];
    private readonly List<SteadyStream> _streams = [];
    private int _transfers;
    private long _sent;

    /// <param name="seed">By default what COCO_SEED says, or one for all.</param>
    /// <param name="hasIpv6">Whether relays have IPv6 addresses too.</param>
    public RoamingScene(ulong? seed = null, bool hasIpv6 = false)
    {
        Internet = new(seed ?? DefaultSeed);
        Internet.Trace.Observer = LookForPlaintext;
        Relay = new(Internet, 10, hasIpv6);
        Second = new(Internet, 11, hasIpv6);
    }

    public SimulatedInternet Internet { get; }

    public RelayPeer Relay { get; }

    public RelayPeer Second { get; }

    /// <summary>A node that listens for TCP and has both relays.</summary>
    public RoamingPeer Add(SimulatedHost host, Func<RoamingOptions, RoamingOptions>? change = null, SimulatedNodeOptions? listens = null, ulong life = 0, int? number = null, bool isHostile = false)
    {
        RoamingOptions Change(RoamingOptions options)
        {
            options = options with { Relays = [Relay.Info, Second.Info] };
            return change?.Invoke(options) ?? options;
        }
        var peer = new RoamingPeer(host, (ulong)(number ?? _peers.Count + 1), listens ?? new() { TcpPort = 4040 }, Change, life, isHostile);
        _peers.Add(peer);
        return peer;
    }

    /// <summary>A node in a home of its own.</summary>
    public RoamingPeer Add(NatKind kind, int number, Func<RouterOptions, RouterOptions>? change = null) => Add(SimulatedHome.Add(Internet, kind, number, change).Host);

    public void Settle() => Internet.RunFor(SettleTime);

    /// <summary>Calls over both relays, and waits until the call is answered.</summary>
    public (RoamingConnection Call, RoamingConnection Answer) Connect(RoamingPeer caller, RoamingPeer callee)
    {
        Settle();
        var call = caller.Call(new RoamingTarget(callee.Id) { Relays = [Relay.Info, Second.Info] });
        Until(() => callee.Accepted.Count > 0 && call.State is RoamingState.Connected, 10, () => $"no connection: {call.State} {call.CloseReason}");
        return (call, callee.Accepted[^1]);
    }

    /// <summary>The same, until both use a direct way.</summary>
    public (RoamingConnection Call, RoamingConnection Answer) ConnectDirectly(RoamingPeer caller, RoamingPeer callee)
    {
        var (call, answer) = Connect(caller, callee);
        UntilDirect(call, answer);
        Internet.RunFor(TimeSpan.FromSeconds(2));
        return (call, answer);
    }

    public void UntilDirect(RoamingConnection call, RoamingConnection answer, double seconds = 20) =>
        Until(() => IsDirectUdp(call) && IsDirectUdp(answer), seconds, () => $"not direct: {Describe(call)}; {Describe(answer)}");

    public void Until(Func<bool> condition, double seconds, Func<string> what) =>
        Assert.True(Internet.RunUntil(condition, TimeSpan.FromSeconds(seconds)), $"seed {Internet.Seed}, {Internet.Now}: {what()}");

    /// <summary>Both write at a steady pace from now on, and gaps are watched.</summary>
    public void Stream(RoamingPeer one, RoamingConnection toOther, RoamingPeer other, RoamingConnection toOne)
    {
        _streams.Add(new(one, toOther));
        _streams.Add(new(other, toOne));
        Internet.RunFor(TimeSpan.FromSeconds(1));
        one.WatchGaps();
        other.WatchGaps();
    }

    public void Send(RoamingPeer peer, RoamingConnection connection, long length)
    {
        peer.Send(connection, length);
        (_transfers, _sent) = (_transfers + 1, _sent + length);
    }

    /// <summary>Ends all streams; every byte has to arrive once and in order, and what connections say of their paths has to be so.</summary>
    /// <param name="seconds">The time that may take.</param>
    /// <param name="someAreDead">Whether connections are left to peers that are gone.</param>
    public void End(double seconds = 30, bool someAreDead = false)
    {
        _streams.ForEach(static stream => stream.End());
        Until(
            () => _peers.Sum(static peer => peer.StreamsReceived) == _streams.Count + _transfers, seconds,
            () => $"{_peers.Sum(static peer => peer.StreamsReceived)} of {_streams.Count + _transfers} streams arrived, {_peers.Sum(static peer => peer.BytesReceived)} bytes");
        Assert.All(_peers, static peer => Assert.Null(peer.Fault));
        Assert.Equal(_sent + _streams.Sum(static stream => stream.Written), _peers.Sum(static peer => peer.BytesReceived));
        Assert.All(_peers.SelectMany(static peer => peer.Connections).Where(each => each.State is RoamingState.Connected && !(someAreDead && each.Verdict!.Code is VerdictCode.NoPath)), AssertVerdictFitsPath);
    }

    public static bool IsDirectUdp(RoamingConnection connection) => connection.ActivePath is { IsRelayed: false, Link.Kind: LinkKind.Udp };

    public static string Describe(RoamingConnection connection) =>
        $"{(connection.IsCaller ? "caller" : "callee")} {connection.State} {connection.CloseReason} by {connection.ActivePath}: {connection.Verdict} [{string.Join(", ", connection.Verdict?.Evidence ?? [])}]";

    /// <summary>The relay that a connection goes by.</summary>
    public RelayPeer RelayOf(RoamingConnection connection) =>
        connection.ActivePath is { IsRelayed: true } way ? Relay.Info.Addresses.Contains(way.Link.Remote) ? Relay : Second : throw new InvalidOperationException("not relayed");

    /// <summary>Counts what is sent to no relay and by none, from now on.</summary>
    public Func<int> CountPastRelays()
    {
        var packets = 0;
        var observer = Internet.Trace.Observer!;
        Internet.Trace.Observer = (now, verb, packet) =>
        {
            observer(now, verb, packet);
            if (verb is TraceVerb.Sent && IsPastRelays(packet)) { packets++; }
        };
        return () => packets;
    }

    /// <summary>Whether a packet goes to or comes from neither relay.</summary>
    public bool IsPastRelays(SimulatedPacket packet) => !IsRelays(packet.Source) && !IsRelays(packet.Destination);

    public void Dispose()
    {
        _peers.ForEach(static peer => peer.Dispose());
        Relay.Dispose();
        Second.Dispose();
    }

    private bool IsRelays(NetworkAddress address) => Relay.Info.Addresses.Concat(Second.Info.Addresses).Any(relay => relay.HasSameHost(address));

    private void LookForPlaintext(TimeSpan now, TraceVerb verb, SimulatedPacket packet)
    {
        if (verb is not TraceVerb.Sent || packet.Payload.AsSpan().IndexOf(StreamPattern.Marker) < 0) { return; }
        Assert.Fail($"seed {Internet.Seed}, {now}: plaintext from {packet.Source} to {packet.Destination}");
    }

    // What the reason is, each scenario knows; that it is one for the path in use holds for all.
    private static void AssertVerdictFitsPath(RoamingConnection connection)
    {
        var (code, path) = (connection.Verdict!.Code, connection.ActivePath!.Value);
        var fits = path switch
        {
            { IsRelayed: true } => code is not (VerdictCode.Direct or VerdictCode.DirectLan or VerdictCode.DirectIpv6 or VerdictCode.DirectTcp or VerdictCode.NoPath),
            { Link.Kind: LinkKind.Tcp } => code is VerdictCode.DirectTcp,
            { Link.Remote.IsIpv4: true } => code is VerdictCode.Direct or VerdictCode.DirectLan,
            _ => code is VerdictCode.DirectIpv6 or VerdictCode.DirectLan,
        };
        Assert.True(fits, Describe(connection));
        Assert.NotEmpty(connection.Verdict.Sentence);
        Assert.NotEmpty(connection.Verdict.Evidence);
    }
}
