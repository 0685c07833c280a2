namespace Coco.Traversal.Relays;

/// <summary>What a client lets its relay do.</summary>
internal sealed record RelayClientOptions
{
    /// <summary>Sessions at once; further ones that come in are closed. From 1 to 65,536, default 1,024.</summary>
    public int MaxSessions { get; init => field = Guard.InRange(value, 1, 65_536); } = 1024;

    /// <summary>Sessions of which datagrams came before the word of who calls. From 0 to 4,096, default 64.</summary>
    public int MaxUnannounced { get; init => field = Guard.InRange(value, 0, 4_096); } = 64;

    /// <summary>How long such a session is taken for one. From 100 milliseconds to 1 minute, default 10 seconds.</summary>
    public TimeSpan UnannouncedLifetime { get; init => field = Guard.InRange(value, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)); } =
        TimeSpan.FromSeconds(10);

    /// <summary>Requests without an answer at once. From 1 to 4,096, default 256.</summary>
    public int MaxRequests { get; init => field = Guard.InRange(value, 1, 4_096); } = 256;

    /// <summary>How long an answer may take. From 100 milliseconds to 1 minute, default 5 seconds.</summary>
    public TimeSpan RequestTimeout { get; init => field = Guard.InRange(value, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)); } =
        TimeSpan.FromSeconds(5);

    /// <summary>Events, and messages to the relay, that wait to be taken; a relay that makes for more is given up. From 16 to 65,536,
    /// default 4,096.</summary>
    public int MaxQueued { get; init => field = Guard.InRange(value, 16, 65_536); } = 4096;
}
