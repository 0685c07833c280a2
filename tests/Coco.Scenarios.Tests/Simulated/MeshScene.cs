using Coco.Lab.Nat;
using Coco.Lab.Simulated;
using Coco.Traversal;
using Coco.Traversal.Finding;
using Coco.Traversal.Roaming;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Nodes without relays that are neighbours of some others, and know all links.</summary>
internal sealed class MeshScene : IDisposable
{
    private const int Port = 5050;

    private int _number;

    public RoamingScene Scene { get; } = new();

    public MeshMap Map { get; } = new();

    public SimulatedInternet Internet => Scene.Internet;

    /// <summary>A node that everybody can reach.</summary>
    public RoamingPeer AddPublic(Func<RoamingOptions, RoamingOptions>? change = null, bool isHostile = false) => Add(NatKind.None, change, isHostile);

    /// <summary>A node that reaches public ones, and no other of its kind.</summary>
    public RoamingPeer AddHidden(Func<RoamingOptions, RoamingOptions>? change = null) => Add(NatKind.Symmetric, change);

    /// <summary>Makes two nodes neighbours; the other is a public one.</summary>
    public RoamingConnection Join(RoamingPeer one, RoamingPeer other, bool isMapped = true)
    {
        var accepted = other.Accepted.Count;
        var call = one.Call(new RoamingTarget(other.Id) { Addresses = [.. other.Node.Host.Interfaces[0].Addresses.Select(static address => address.WithPort(Port))] });
        Scene.Until(() => call.State is RoamingState.Connected && other.Accepted.Count > accepted, 5, () => RoamingScene.Describe(call));
        one.Node.Act(_ => call.SetNeighbour(true));
        other.Node.Act(_ => other.Accepted[^1].SetNeighbour(true));
        if (isMapped) { Map.Add(one.Id, other.Id); }
        return call;
    }

    /// <summary>Joins each to the next.</summary>
    public void Chain(params ReadOnlySpan<RoamingPeer> peers)
    {
        for (var i = 0; i + 1 < peers.Length; i++)
        {
            // The hidden one calls.
            if (AddressOf(peers[i + 1]).IsPrivate) { Join(peers[i + 1], peers[i]); }
            else { Join(peers[i], peers[i + 1]); }
        }
        Internet.RunFor(TimeSpan.FromSeconds(1));
    }

    public RoamingConnection Call(RoamingPeer caller, RoamingPeer callee) => caller.Call(new RoamingTarget(callee.Id) { ViaMesh = true });

    /// <summary>Calls through the mesh, and waits for the answer.</summary>
    public (RoamingConnection Call, RoamingConnection Answer) Connect(RoamingPeer caller, RoamingPeer callee, double seconds = 3)
    {
        var accepted = callee.Accepted.Count;
        var call = Call(caller, callee);
        Scene.Until(() => call.State is RoamingState.Connected && callee.Accepted.Count > accepted, seconds, () => RoamingScene.Describe(call));
        return (call, callee.Accepted[^1]);
    }

    public static bool IsMesh(RoamingConnection connection) =>
        connection.ActivePath is { IsMesh: true } && connection.Verdict is { Code: VerdictCode.ThroughMesh };

    /// <summary>Two hidden nodes that have two public ones as neighbours.</summary>
    public (RoamingPeer Alice, RoamingPeer Carol, RoamingPeer Bob, RoamingPeer Dave) AddSquare(bool hostile = false)
    {
        RoamingPeer alice = AddHidden(), bob = AddPublic(isHostile: hostile), carol = AddHidden(), dave = AddPublic(isHostile: hostile);
        Chain(alice, bob, carol);
        Chain(alice, dave, carol);
        return (alice, carol, bob, dave);
    }

    /// <summary>The one of some nodes by which a connection goes.</summary>
    public RoamingPeer HopOf(RoamingConnection connection, RoamingPeer at, params RoamingPeer[] hops)
    {
        Assert.True(IsMesh(connection), $"{Internet.Now}: {RoamingScene.Describe(connection)}");
        var next = at.Endpoint.NextHopOf(connection.ActivePath!.Value);
        return hops.First(hop => hop.Id == next);
    }

    public static string Describe(RoamingConnection call, RoamingConnection answer) => $"{RoamingScene.Describe(call)} {RoamingScene.Describe(answer)}";

    public static TimeSpan LongestGap(RoamingPeer one, RoamingPeer other) => one.LongestGap > other.LongestGap ? one.LongestGap : other.LongestGap;

    public void Dispose() => Scene.Dispose();

    private static NetworkAddress AddressOf(RoamingPeer peer) => peer.Node.Host.Interfaces[0].Addresses[0];

    /// <summary>A node in a home of a kind.</summary>
    public RoamingPeer Add(NatKind kind, Func<RoamingOptions, RoamingOptions>? change = null, bool isHostile = false) =>
        Add(SimulatedHome.Add(Internet, kind, ++_number).Host, kind is NatKind.None, change, isHostile);

    /// <summary>A node on a host.</summary>
    public RoamingPeer Add(SimulatedHost host, bool isPublic, Func<RoamingOptions, RoamingOptions>? change = null, bool isHostile = false) =>
        Scene.Add(
            host,
            options =>
            {
                options = options with { Relays = [], HopRouter = Map };
                return change?.Invoke(options) ?? options;
            },
            new() { UdpPort = isPublic ? Port : 0, TcpPort = isPublic ? Port : 0 },
            isHostile: isHostile);
}
