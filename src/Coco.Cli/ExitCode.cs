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

    /// <summary>No daemon of this user's is running.</summary>
    NoDaemon = 3,

    /// <summary>There is no network, node or service of that name.</summary>
    NotFound = 4,

    /// <summary>The role, the policy or the local access does not allow it, or this node was removed.</summary>
    NotPermitted = 5,

    /// <summary>It is known and cannot be reached now: trying again later may help.</summary>
    Unreachable = 6,

    /// <summary>A fault of the program's own. The log file has the details.</summary>
    Fault = 7,
}
