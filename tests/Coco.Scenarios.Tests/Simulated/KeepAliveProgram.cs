using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Sends a datagram every 15 seconds and counts the answers.</summary>
internal sealed class KeepAliveProgram(NetworkAddress remote, TimeSpan first) : TestProgram
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    public int Answers { get; private set; }

    public override void HandleNetwork(NetworkSnapshot snapshot, TimeSpan now)
    {
        base.HandleNetwork(snapshot, now);
        Deadline = now + first;
    }

    public override void HandleTimeout(TimeSpan now)
    {
        if (now < Deadline) { return; }
        Send(new(LinkKind.Udp, Socket, remote), ObserverProgram.Question);
        Deadline += Interval;
    }

    protected override void HandleDatagram(Link link, byte[] data, TimeSpan now) => Answers++;
}
