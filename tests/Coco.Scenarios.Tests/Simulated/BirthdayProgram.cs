using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>The side of birthday punching whose NAT draws a port for every destination: many sockets, each of which opens one port for the other side.</summary>
internal sealed class BirthdayProgram(NetworkAddress remote, byte openerHopLimit) : TestProgram
{
    private const int Sockets = 256;

    /// <summary>The link on which the other side was first heard.</summary>
    public Link? Found { get; private set; }

    public override void HandleNetwork(NetworkSnapshot snapshot, TimeSpan now)
    {
        base.HandleNetwork(snapshot, now);
        Ask(new HostCommand.OpenSockets(1, IsIpv4: true, Sockets));
    }

    public override void HandleSocketsOpened(int request, ReadOnlySpan<LocalSocket> sockets, TimeSpan now)
    {
        foreach (var socket in sockets) { Send(new(LinkKind.Udp, socket.Number, remote), [4], openerHopLimit); }
    }

    protected override void HandleDatagram(Link link, byte[] data, TimeSpan now)
    {
        Found ??= link;
        Send(link, [5]);
    }
}
