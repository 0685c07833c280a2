using Coco.Crypto;

namespace Coco.Traversal.Hops;

/// <summary>A message between neighbours about one session. <see cref="HopMessageCodec"/> has the bytes.</summary>
internal abstract record HopMessage
{
    private HopMessage()
    {
    }

    /// <summary>A session, please.</summary>
    /// <param name="Session">Under which its sender receives.</param>
    /// <param name="Origin">Whose connection it is.</param>
    /// <param name="Target">To whom it leads.</param>
    /// <param name="Aim">Whom to route to first.</param>
    /// <param name="HopsLeft">Links that it may still pass behind the receiver.</param>
    public sealed record Open(ulong Session, NodeId Origin, NodeId Target, NodeId Aim, byte HopsLeft) : HopMessage;

    /// <summary>The target has it.</summary>
    /// <param name="Session">As in <see cref="Open"/>.</param>
    /// <param name="OtherSession">Under which the sender of this receives.</param>
    public sealed record Opened(ulong Session, ulong OtherSession) : HopMessage;

    /// <summary>There will be none.</summary>
    /// <param name="Session">As in <see cref="Open"/>.</param>
    /// <param name="Reason">Why.</param>
    public sealed record Refused(ulong Session, HopRefusal Reason) : HopMessage;

    /// <summary>It is over.</summary>
    /// <param name="Session">Under which the receiver of this receives.</param>
    /// <param name="Reason">Why.</param>
    public sealed record Closed(ulong Session, HopCloseReason Reason) : HopMessage;
}
