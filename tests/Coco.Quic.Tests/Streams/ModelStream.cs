namespace Coco.Quic.Tests.Streams;

/// <summary>What one side knows it did with one stream.</summary>
internal sealed class ModelStream(long id)
{
    public long Id { get; } = id;

    public long Written { get; set; }

    public bool FinWritten { get; set; }

    public bool ResetSent { get; set; }

    public bool Stopped { get; set; }

    public bool CanWriteMore { get; set; }

    public long Read { get; set; }

    public bool FinRead { get; set; }

    public bool ResetSeen { get; set; }

    public bool StopSent { get; set; }

    public bool CanReadMore { get; set; }

    public bool SendFinished { get; set; }

    public bool Closed { get; set; }

    public bool WantsWrite => CanWriteMore && !FinWritten && !ResetSent && !Stopped;

    public bool WantsRead => CanReadMore && !FinRead && !ResetSeen && !StopSent;

    public static byte PatternAt(long id, bool fromClient, long offset) =>
        (byte)((id * 31) + (fromClient ? 101 : 7) + offset + (offset >> 8) * 13 + (offset >> 16) * 17);
}
