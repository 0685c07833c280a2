namespace Coco.Cluster.Lookup;

/// <summary>How the directory of an open network is kept and asked. Private networks have none.</summary>
internal sealed record DirectoryOptions
{
    /// <summary>Entries a core node keeps, two of a node at most; the longest unrefreshed makes room. From 16 to 1,000,000, default 16,384: with three
    /// keepers of two keys, a core of 500 serves a million members.</summary>
    public int MaxEntries { get; init => field = Guard.InRange(value, 16, 1_000_000); } = 16_384;

    /// <summary>Nodes kept, and told, under one key: names need not be unique. From 1 to 16, default 4.</summary>
    public int MaxPerKey { get; init => field = Guard.InRange(value, 1, DirectoryFrames.MaxEntries); } = 4;

    /// <summary>How long after a change of what there is to say, or of those it is said to, a node says it. From 0 to 1 minute, default 1 s; each node takes
    /// up to twice as long, so that not all call at once.</summary>
    public TimeSpan Delay { get; init => field = Guard.InRange(value, TimeSpan.Zero, TimeSpan.FromMinutes(1)); } = TimeSpan.FromSeconds(1);

    /// <summary>How often a node says anew what it said. From 1 minute to 1 day, default 4 hours: six calls each time.</summary>
    public TimeSpan Refresh { get; init => field = Guard.InRange(value, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)); } = TimeSpan.FromHours(4);

    /// <summary>How long an entry is kept that nobody says anew. From 2 minutes to 7 days, default 12 hours.</summary>
    public TimeSpan Lifetime { get; init => field = Guard.InRange(value, TimeSpan.FromMinutes(2), TimeSpan.FromDays(7)); } = TimeSpan.FromHours(12);

    /// <summary>How long a core node that could not be told is left alone; it doubles up to 64 times. From 1 s to 1 hour, default 30 s.</summary>
    public TimeSpan Retry { get; init => field = Guard.InRange(value, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)); } = TimeSpan.FromSeconds(30);

    /// <summary>How long one core node has for an answer, a connection to it included, before the next is asked. From 0.1 to 30 s, default 3 s.</summary>
    public TimeSpan AnswerTimeout { get; init => field = Guard.InRange(value, TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(30)); } = TimeSpan.FromSeconds(3);

    /// <summary>Questions of this node's at once. From 1 to 4,096, default 256.</summary>
    public int MaxLookups { get; init => field = Guard.InRange(value, 1, 4096); } = 256;

    /// <summary>Questions of one peer answered at once; one more for each <see cref="QuestionInterval"/>. From 1 to 100,000, default 1,000.</summary>
    public int QuestionBurst { get; init => field = Guard.InRange(value, 1, 100_000); } = 1000;

    /// <summary>Time between questions of one peer that are answered, on average. From 0 to 1 minute, default 10 ms.</summary>
    public TimeSpan QuestionInterval { get; init => field = Guard.InRange(value, TimeSpan.Zero, TimeSpan.FromMinutes(1)); } = TimeSpan.FromMilliseconds(10);

    /// <summary>What one peer may say of itself at once; one more for each <see cref="PublicationInterval"/>. From 1 to 1,000, default 8.</summary>
    public int PublicationBurst { get; init => field = Guard.InRange(value, 1, 1000); } = 8;

    /// <summary>Time between what one peer says of itself, on average. From 0 to 1 hour, default 5 s.</summary>
    public TimeSpan PublicationInterval { get; init => field = Guard.InRange(value, TimeSpan.Zero, TimeSpan.FromHours(1)); } = TimeSpan.FromSeconds(5);
}
