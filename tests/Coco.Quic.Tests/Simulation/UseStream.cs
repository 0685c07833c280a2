namespace Coco.Quic.Tests.Simulation;

/// <summary>One direction of a stream, as both applications saw it. The bytes are a function of stream and offset.</summary>
internal sealed class UseStream(long id, int sender)
{
    public long Id => id;

    public int Sender => sender;

    /// <summary>Bytes the sender wants to send in all, as far as it has decided.</summary>
    public long Target { get; set; }

    public long Written { get; set; }

    public bool WantsFin { get; set; }

    public bool IsFinWritten { get; set; }

    public bool IsBlocked { get; set; }

    public ulong? ResetCode { get; set; }

    public ulong? StopCode { get; set; }

    public long Read { get; set; }

    public bool SawFin { get; set; }

    public ulong? SawReset { get; set; }

    public bool IsSenderDone => ResetCode is not null || IsFinWritten;

    public byte At(long offset) => (byte)((offset * 31) + (offset >> 8) + (id * 7) + (sender * 101));

    public void Fill(Span<byte> destination, long offset)
    {
        for (var i = 0; i < destination.Length; i++) { destination[i] = At(offset + i); }
    }

    public void Check(ReadOnlySpan<byte> received)
    {
        for (var i = 0; i < received.Length; i++)
        {
            if (received[i] != At(Read + i)) { throw new InvalidOperationException($"stream {id} from side {sender}: wrong byte at {Read + i}"); }
        }
        Read += received.Length;
    }

    /// <summary>What the receiver saw agrees with what the sender did.</summary>
    public void CheckEnd()
    {
        if (Read > Written) { throw new InvalidOperationException($"stream {id}: {Read} bytes read, {Written} written"); }
        if (StopCode is not null) { return; }
        if (SawReset is { } code)
        {
            if (ResetCode != code) { throw new InvalidOperationException($"stream {id} was reset with {code}, its sender said {ResetCode}"); }
            return;
        }
        if (!SawFin || Read != Written) { throw new InvalidOperationException($"stream {id} from side {sender} ended at {Read} of {Written}, fin {SawFin}, reset {ResetCode}"); }
    }
}
