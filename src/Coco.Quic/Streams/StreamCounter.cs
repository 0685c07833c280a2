namespace Coco.Quic.Streams;

/// <summary>How many streams of one type were and may be opened (RFC 9000 §4.6).</summary>
internal struct StreamCounter
{
    /// <summary>Streams ever opened: the next one's index.</summary>
    public long Opened;

    /// <summary>Streams handed to the application, by index; all below were offered.</summary>
    public long Accepted;

    /// <summary>Streams forgotten.</summary>
    public long Closed;

    /// <summary>Streams that may ever be opened: the last MAX_STREAMS.</summary>
    public long Limit;

    /// <summary>The limit a STREAMS_BLOCKED frame was last queued for; 0 before.</summary>
    public long BlockedAt;

    /// <summary>Streams that may be open at once, when we are the one to say so.</summary>
    public int Concurrent;

    /// <summary>The application wanted one more than the limit allows.</summary>
    public bool WasRefused;

    /// <summary>The limit that the streams closed so far allow us to give.</summary>
    public readonly long Next => Closed + Concurrent;

    public long RaiseLimit() => Limit = Next;

    /// <summary>A STREAMS_BLOCKED frame with this limit still tells the truth.</summary>
    public readonly bool IsStillBlockedAt(long limit) => WasRefused && Limit == limit;

    public void Start(int concurrent)
    {
        Concurrent = concurrent;
        Limit = concurrent;
    }

    /// <summary>A batch has gathered, or the peer is about to run out.</summary>
    public readonly bool IsUpdateDue
    {
        get
        {
            var batch = Math.Max(1, Concurrent / 4);
            return Next > Limit && (Next - Limit >= batch || Limit - Opened < batch);
        }
    }
}
