using Coco.Traversal.Links;

namespace Coco.Traversal.Hops;

/// <summary>The connection to a neighbour, as far as forwarding needs it.</summary>
internal interface IHopLink
{
    /// <summary>Where the neighbour is now. False while nothing may be sent there: the address is not proved, or does not answer.</summary>
    public bool TryGetWay(out PathAddress way);

    /// <summary>Whether the neighbour has been proved to be at the end of a way.</summary>
    public bool IsValidated(in PathAddress way);

    /// <summary>Finds out whether the neighbour still hears us, where nothing is under way that would tell.</summary>
    public void CheckAlive();

    /// <summary>Sends a message on the control stream.</summary>
    public void Send(ulong type, ReadOnlySpan<byte> body);
}
