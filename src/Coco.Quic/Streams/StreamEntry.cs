namespace Coco.Quic.Streams;

/// <summary>One stream: its parts, and where it stands in the lists of its connection.</summary>
internal sealed class StreamEntry
{
    public const byte DefaultUrgency = 3;

    public StreamEntry()
    {
        Sending = new(this);
        Control = new(this);
        Events = new(this);
    }

    public long Id { get; set; }

    /// <summary>Null on a stream only the peer sends on.</summary>
    public SendStream? Send { get; set; }

    /// <summary>Null on a stream only we send on.</summary>
    public ReceiveStream? Receive { get; set; }

    public byte Urgency { get; set; } = DefaultUrgency;

    public bool IsIncremental { get; set; } = true;

    /// <summary>Its place among the streams that can send, and which of the scheduler's lists that is.</summary>
    public StreamLink Sending { get; }

    public int SendingList { get; set; }

    /// <summary>It holds bytes that are not acknowledged.</summary>
    public bool IsBuffering { get; set; }

    /// <summary>Bytes sent since its turn began.</summary>
    public int SentInTurn { get; set; }

    public StreamLink Control { get; }

    public PendingControl PendingControl { get; set; }

    public StreamLink Events { get; }

    /// <summary>A bit per <see cref="StreamEventKind"/>.</summary>
    public uint PendingEvents { get; set; }

    /// <summary>The application has been given the stream, or opened it.</summary>
    public bool IsAccepted { get; set; }

    /// <summary>The Closed event is waiting or taken.</summary>
    public bool IsClosed { get; set; }

    public bool HasEnded => Send is null or { IsTerminal: true } && Receive is null or { IsTerminal: true };

    public void Clear()
    {
        Id = 0;
        Send = null;
        Receive = null;
        Urgency = DefaultUrgency;
        IsIncremental = true;
        SentInTurn = 0;
        IsBuffering = false;
        PendingControl = PendingControl.None;
        PendingEvents = 0;
        IsAccepted = false;
        IsClosed = false;
    }
}
