namespace Coco.Cluster.Lookup;

/// <summary>What a node has to say to one core node, so that it can be looked up there.</summary>
internal sealed class DirectoryPublication
{
    /// <summary>Where it is to be found there.</summary>
    public DirectoryPlaces Places { get; set; }

    /// <summary>What was said last, and when; <see cref="SaidAt"/> is null until anything was.</summary>
    public (DirectoryPlaces Places, StatementId Certificate, string Name, ulong Sequence) Said { get; set; }

    public TimeSpan? SaidAt { get; set; }

    /// <summary>Calls that failed since.</summary>
    public int Failures { get; set; }

    /// <summary>Not to be called before.</summary>
    public TimeSpan RetryAt { get; set; }
}
