namespace Coco.Messages;

/// <summary>A request that waits for its answer.</summary>
internal sealed class SentRequest(ulong number, byte[] subject, ReadOnlyMemory<byte> data, DateTimeOffset deadline)
{
    public ulong Number => number;

    public byte[] Subject => subject;

    public ReadOnlyMemory<byte> Data => data;

    public DateTimeOffset Deadline => deadline;

    public TaskCompletionSource<byte[]> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
