using Coco.Crypto;

namespace Coco.Messages;

/// <summary>A request of a peer's: not answered yet, or answered, should the peer not have got the answer.</summary>
internal sealed class PendingRequest(RequestDesk desk, ulong number, DateTimeOffset deadline, int length)
{
    public NodeId From => desk.Peer;

    public RequestDesk Desk => desk;

    /// <summary>The requester's number for it.</summary>
    public ulong Number => number;

    public DateTimeOffset Deadline => deadline;

    /// <summary>Bytes it holds.</summary>
    public int Length { get; set; } = length;

    public ReadOnlyMemory<byte>? Answer { get; set; }

    public ReceivedMessage? Message { get; set; }
}
