namespace Coco.Traversal.Relays;

/// <summary>A relay that is configured, or was suggested by one that stops, as <see cref="RelayHomes"/> knows it.</summary>
internal sealed class RelayCandidate(RelayInfo relay)
{
    public RelayInfo Relay { get; set; } = relay;

    /// <summary>Whether another relay said to go there. It is left when a configured one serves again.</summary>
    public bool IsSuggested { get; set; }

    public TimeSpan? Latency { get; set; }

    /// <summary>Measurements in a row in which it was much nearer than the home.</summary>
    public int Nearer { get; set; }

    public int Failures { get; set; }

    /// <summary>Not before this is it tried again.</summary>
    public TimeSpan RetryAt { get; set; } = TimeSpan.MinValue;

    /// <summary>Whether <see cref="RetryAt"/> stands even when the network changes.</summary>
    public bool IsHeld { get; set; }

    public bool IsConnecting { get; set; }

    public bool IsConnected { get; set; }

    /// <summary>Since when we are registered there; null while we are not.</summary>
    public TimeSpan? RegisteredAt { get; set; }
}
