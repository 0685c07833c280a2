namespace Coco.ControlPlane.Settings;

/// <summary>How much of networks is kept.</summary>
internal sealed record NetworkSettings
{
    /// <summary>Statements of one network. From 16 to 1,000,000, default 20,000.</summary>
    public int MaxStatements { get; init; } = 20_000;

    /// <summary>Bytes of one network's statements. From 256 KiB to 4 GiB, default 16 MiB.</summary>
    public long MaxStatementBytes { get; init; } = 16L << 20;

    /// <summary>Nodes of one network. From 1 to 100,000,000, default 10,000,000.</summary>
    public int MaxNodes { get; init; } = 10_000_000;

    /// <summary>Networks whose statements stay in memory, evaluated. From 1 to 100,000, default 256.</summary>
    public int CachedNetworks { get; init; } = 256;

    /// <summary>Bytes of statements that stay in memory. From 1 MiB to 16 GiB, default 64 MiB.</summary>
    public long CachedBytes { get; init; } = 64L << 20;

    public IEnumerable<string> Validate()
    {
        if (MaxStatements is < 16 or > 1_000_000) { yield return "Networks.MaxStatements is from 16 to 1,000,000."; }
        if (MaxStatementBytes is < 256L << 10 or > 4L << 30) { yield return "Networks.MaxStatementBytes is from 256 KiB to 4 GiB."; }
        if (MaxNodes is < 1 or > 100_000_000) { yield return "Networks.MaxNodes is from 1 to 100,000,000."; }
        if (CachedNetworks is < 1 or > 100_000) { yield return "Networks.CachedNetworks is from 1 to 100,000."; }
        if (CachedBytes is < 1L << 20 or > 16L << 30) { yield return "Networks.CachedBytes is from 1 MiB to 16 GiB."; }
    }
}
