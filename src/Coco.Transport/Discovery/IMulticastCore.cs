using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Transport.Discovery;

/// <summary>A core that talks to all on a link: discovery, which stands beside this library and not below it.</summary>
internal interface IMulticastCore
{
    public TimeSpan Deadline { get; }

    public void HandleNetwork(IReadOnlyList<InterfaceAddress> interfaces, TimeSpan now);

    public void HandleDatagram(int interfaceIndex, in NetworkAddress from, ReadOnlySpan<byte> datagram, TimeSpan now);

    public void HandleTimeout(TimeSpan now);

    /// <summary>Says goodbye; what is to be sent for it can be taken afterwards.</summary>
    public void Stop();

    public bool TryTakeDatagram(out MulticastDatagram datagram);

    /// <summary>Called on the loop after each input, to hand on what was learnt. Returns soon and does not throw.</summary>
    public void DrainEvents();
}
