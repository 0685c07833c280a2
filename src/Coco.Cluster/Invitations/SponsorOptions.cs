namespace Coco.Cluster.Invitations;

/// <summary>Limits of a <see cref="Sponsor"/>.</summary>
internal sealed record SponsorOptions
{
    /// <summary>Tickets kept. From 1 to 65,536, default 4,096.</summary>
    public int MaxTickets { get; init => field = Guard.InRange(value, 1, 65_536); } = 4_096;

    /// <summary>Channels on which somebody may ask to join at one time. From 1 to 4,096, default 256.</summary>
    public int MaxChannels { get; init => field = Guard.InRange(value, 1, 4_096); } = 256;

    /// <summary>How long a channel may say nothing. From 1 s to 5 min, default 15 s.</summary>
    public TimeSpan ChannelTimeout { get; init => field = Guard.InRange(value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)); } = TimeSpan.FromSeconds(15);

    /// <summary>Wrong guesses answered in a burst, by all strangers together. From 1 to 1,000, default 20.</summary>
    public int GuessBurst { get; init => field = Guard.InRange(value, 1, 1_000); } = 20;

    /// <summary>After which time one more wrong guess is answered. From 0.1 s to 1 h, default 3 s.</summary>
    public TimeSpan GuessInterval { get; init => field = Guard.InRange(value, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)); } = TimeSpan.FromSeconds(3);
}
