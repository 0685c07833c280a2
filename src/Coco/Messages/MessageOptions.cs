namespace Coco.Messages;

/// <summary>Limits of messages.</summary>
public sealed record MessageOptions
{
    /// <summary>How long messages are kept for receivers who are away. From 1 s to 365 days, default 7 days.</summary>
    public TimeSpan TimeToLive { get; init => field = InRange(value, TimeSpan.FromSeconds(1), TimeSpan.FromDays(365)); } = TimeSpan.FromDays(7);

    /// <summary>Largest message, in bytes. From 1 to 16 MiB, default 16 MiB. For more there are files.</summary>
    public int MaxMessageSize { get; init => field = InRange(value, 1, 16 << 20); } = 16 << 20;

    /// <summary>Messages that may wait to be delivered to one receiver. From 1 to 10,000,000, default 1,000,000.</summary>
    public int MaxQueued { get; init => field = InRange(value, 1, 10_000_000); } = 1_000_000;

    /// <summary>Bytes that may wait to be delivered, to all receivers. From 1 MiB to 1 TiB, default 1 GiB.</summary>
    public long MaxQueuedBytes { get; init => field = InRange(value, 1L << 20, 1L << 40); } = 1L << 30;

    /// <summary>Messages of one sender that may wait here until the app has completed them; the sender keeps what is more. From 1 to 10,000,000, default 100,000.</summary>
    public int MaxReceived { get; init => field = InRange(value, 1, 10_000_000); } = 100_000;

    /// <summary>Bytes of all senders that may wait here until the app has completed them. From 1 MiB to 1 TiB, default 1 GiB.</summary>
    public long MaxReceivedBytes { get; init => field = InRange(value, 1L << 20, 1L << 40); } = 1L << 30;

    /// <summary>Messages on their way to one receiver that it has not acknowledged. From 1 to 1,000,000, default 16,384.</summary>
    public int MaxUnacknowledged { get; init => field = InRange(value, 1, 1_000_000); } = 16_384;

    /// <summary>Bytes on their way to one receiver that it has not acknowledged; one message may always be. From 64 KiB to 1 GiB, default 8 MiB.</summary>
    public long MaxUnacknowledgedBytes { get; init => field = InRange(value, 64L << 10, 1L << 30); } = 8L << 20;

    /// <summary>Messages that an enumeration takes ahead of the app. From 1 to 65,536, default 256.</summary>
    public int Prefetch { get; init => field = InRange(value, 1, 65_536); } = 256;

    /// <summary>Bytes of messages kept in memory of those that are on disk too. From 0 to 16 GiB, default 64 MiB.</summary>
    public long MaxMemory { get; init => field = InRange(value, 0, 16L << 30); } = 64L << 20;

    /// <summary>Peers to which messages are under way at once; others wait. From 1 to 65,536, default 256.</summary>
    public int MaxReceivers { get; init => field = InRange(value, 1, 65_536); } = 256;

    /// <summary>Senders of which is known what has come; those longest silent with nothing waiting are forgotten. From 16 to 1,000,000, default 16,384.</summary>
    public int MaxSenders { get; init => field = InRange(value, 16, 1_000_000); } = 16_384;

    /// <summary>Requests to one peer, and of one peer, that are not answered. From 1 to 65,536, default 1,024.</summary>
    public int MaxRequests { get; init => field = InRange(value, 1, 65_536); } = 1024;

    /// <summary>Bytes of one peer's requests that are not answered, and of answers it may ask for again. From 64 KiB to 1 GiB, default 64 MiB.</summary>
    public long MaxRequestBytes { get; init => field = InRange(value, 64L << 10, 1L << 30); } = 64L << 20;

    /// <summary>Groups that the node names. From 0 to 100,000, default 1,000.</summary>
    public int MaxGroups { get; init => field = InRange(value, 0, 100_000); } = 1000;

    /// <summary>The tag of members that keep messages for others who are away. Default <c>mailbox</c>.</summary>
    public string MailboxTag { get; init; } = "mailbox";

    /// <summary>Mailboxes to which a message for a receiver who is away is given. From 0, for none, to 8, default 2.</summary>
    public int MailboxCopies { get; init => field = InRange(value, 0, 8); } = 2;

    /// <summary>How long a message waits for its receiver before it is given to mailboxes. From 0 to 1 hour, default 3 s.</summary>
    public TimeSpan MailboxDelay { get; init => field = InRange(value, TimeSpan.Zero, TimeSpan.FromHours(1)); } = TimeSpan.FromSeconds(3);

    /// <summary>Bytes that a mailbox keeps of one sender's. From 0 to 1 TiB, default 128 MiB: several of the longest messages, as one that
    /// does not fit holds up those behind it.</summary>
    public long MailboxBytesOfSender { get; init => field = InRange(value, 0, 1L << 40); } = 128L << 20;

    /// <summary>Bytes that a mailbox keeps in all. From 0 to 1 TiB, default 1 GiB.</summary>
    public long MailboxBytes { get; init => field = InRange(value, 0, 1L << 40); } = 1L << 30;

    /// <summary>Messages that a mailbox keeps of one sender's. From 0 to 10,000,000, default 10,000.</summary>
    public int MailboxCountOfSender { get; init => field = InRange(value, 0, 10_000_000); } = 10_000;

    /// <summary>How long a mailbox keeps a message, whatever its sender says. From 1 minute to 365 days, default 30 days.</summary>
    public TimeSpan MailboxTime { get; init => field = InRange(value, TimeSpan.FromMinutes(1), TimeSpan.FromDays(365)); } = TimeSpan.FromDays(30);

    /// <summary>Files that come in at once. From 1 to 1,024, default 16.</summary>
    public int MaxFiles { get; init => field = InRange(value, 1, 1024); } = 16;

    /// <summary>Called before so many bytes are written, for tests: throws what the system would.</summary>
    internal Action<int>? BeforeWrite { get; init; }

    /// <summary>What this node, as a mailbox, does with a frame instead of reading it, for tests of other releases.</summary>
    internal Func<MessageFrameType, MailboxManner>? Manner { get; init; }

    private static T InRange<T>(T value, T low, T high)
        where T : IComparable<T> => value.CompareTo(low) >= 0 && value.CompareTo(high) <= 0
        ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, $"The value must be from {low} to {high}.");
}
