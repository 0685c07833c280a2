namespace Coco.Cli;

/// <summary>What the program returns. Scripts depend on these numbers: they are never given another meaning.</summary>
internal enum ExitCode
{
    /// <summary>Done.</summary>
    Ok = 0,

    /// <summary>It was tried and did not succeed; one line on standard error says why.</summary>
    Failed = 1,

    /// <summary>The command line was not understood; nothing was tried.</summary>
    Usage = 2,
}
