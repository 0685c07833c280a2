using Coco.Crypto;

namespace Coco.Messages;

/// <summary>A request of a peer's that the app has not answered, or whose answer may be asked for again.</summary>
internal sealed class PendingRequest(NodeId from, ulong number)
{
    public NodeId From => from;

    /// <summary>The requester's number for it.</summary>
    public ulong Number => number;
}
