namespace Coco.ControlPlane.Client;

/// <summary>How an authority remembers.</summary>
public sealed record AuthorityOptions
{
    /// <summary>The file where it keeps what the control plane has shown last, so that one that shows less after a restart is found out. Null, the default: nothing is
    /// kept beyond the process.</summary>
    public string? MemoryPath { get; init; }

    /// <summary>Statements that are taken from the control plane, at most. From 16 to 1,000,000, default 100,000.</summary>
    public int MaxStatements
    {
        get;
        init => field = value is >= 16 and <= 1_000_000 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "From 16 to 1,000,000 statements.");
    } = 100_000;
}
