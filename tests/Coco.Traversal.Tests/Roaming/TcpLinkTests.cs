using Coco.Crypto;
using Coco.Quic.Congestion;
using Coco.Traversal.Links;
using Coco.Traversal.Roaming;

namespace Coco.Traversal.Tests.Roaming;

/// <summary>Two endpoints with nothing but a TCP link between them.</summary>
public sealed class TcpLinkTests : IDisposable
{
    private static readonly NetworkAddress CallerAddress = FlatNetwork.Parse("192.0.2.1:1000");
    private static readonly NetworkAddress CalleeAddress = FlatNetwork.Parse("192.0.2.2:2000");
    private static readonly Link ToCallee = new(LinkKind.Tcp, 1, CalleeAddress);
    private static readonly Link ToCaller = new(LinkKind.Tcp, 1, CallerAddress);
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(1);

    private readonly IdentityKey _alice = IdentityKey.FromSeed([.. Enumerable.Repeat((byte)1, 32)]);
    private readonly IdentityKey _bob = IdentityKey.FromSeed([.. Enumerable.Repeat((byte)2, 32)]);
    private readonly RoamingEndpoint _caller;
    private readonly RoamingEndpoint _callee;
    private readonly byte[] _buffer = new byte[65_536];

    public TcpLinkTests()
    {
        _caller = new(new() { Identities = [_alice] }, new SeededRandomSource(1));
        _callee = new(new() { Identities = [_bob] }, new SeededRandomSource(2));
        _caller.HandleNetwork(new([], []), Start);
        _callee.HandleNetwork(new([], []), Start);
    }

    [Fact]
    public void A_link_ends_only_after_the_close_of_its_connection_has_been_sent()
    {
        var call = _caller.Connect(new(_bob.Id) { Addresses = [CalleeAddress] }, Start);
        var accepted = Link(call);

        accepted.Close(7, "done", Start);

        Assert.DoesNotContain(CommandsOf(_callee), static command => command is HostCommand.CloseLink);
        Assert.True(Carry(_callee, _caller, ToCaller));
        Assert.Contains(new HostCommand.CloseLink(ToCaller), CommandsOf(_callee));
        Assert.Equal((RoamingState.Closed, 7UL), (call.State, call.CloseReason!.Code));
    }

    [Fact]
    public void An_idle_link_is_left_to_the_keep_alive_of_TCP()
    {
        var call = _caller.Connect(new(_bob.Id) { Addresses = [CalleeAddress] }, Start);
        var accepted = Link(call);

        Assert.Equal((80, 88), (call.Quic!.KeepAlive.TotalSeconds, accepted.Quic!.KeepAlive.TotalSeconds));
    }

    public void Dispose()
    {
        _caller.Dispose();
        _callee.Dispose();
        _alice.Dispose();
        _bob.Dispose();
    }

    private RoamingConnection Link(RoamingConnection call)
    {
        _caller.HandleTimeout(Start);
        var open = Assert.Single(CommandsOf(_caller).OfType<HostCommand.OpenTcp>());
        _callee.HandleLinkAccepted(ToCaller, Start);
        _caller.HandleLinkOpened(open.Request, ToCallee, Start);
        while (Carry(_caller, _callee, ToCallee) | Carry(_callee, _caller, ToCaller))
        {
        }
        Assert.True(_callee.TryAccept(out var accepted));
        Assert.Equal(RoamingState.Connected, call.State);
        _ = CommandsOf(_callee);
        return accepted;
    }

    // Whether there was anything.
    private bool Carry(RoamingEndpoint from, RoamingEndpoint to, Link link)
    {
        var any = false;
        while (from.TryTakeTransmit(_buffer, Start, out var transmit))
        {
            any = true;
            Assert.Equal(link, transmit.Link);
            to.HandleDatagrams(link == ToCallee ? ToCaller : ToCallee, _buffer.AsSpan(0, transmit.Length), transmit.SegmentSize, EcnCodepoint.NotEct, Start);
        }
        return any;
    }

    private static List<HostCommand> CommandsOf(RoamingEndpoint endpoint)
    {
        var commands = new List<HostCommand>();
        while (endpoint.TryTakeCommand(out var command)) { commands.Add(command); }
        return commands;
    }
}
