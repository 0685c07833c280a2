namespace Coco.Traversal.Relays;

/// <summary>An encoded control message on its way to a stream.</summary>
internal readonly record struct RelayMessageBody(RelayMessageType Type, byte[] Bytes)
{
    // What a queued message costs besides its bytes: the array's header and its place in the queue.
    private const int Overhead = 40;

    public int Cost => Bytes.Length + Overhead;
}
