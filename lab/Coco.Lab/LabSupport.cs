namespace Coco.Lab;

/// <summary>Says whether this machine can run a lab: a test that finds it cannot is skipped with the reason, or fails where CI is set.</summary>
public static class LabSupport
{
    private static readonly Lazy<string?> TriedOnce = new(Try);
    private static readonly Lazy<string?> TriedNatOnce = new(TryNat);

    /// <summary>Why namespaces cannot be made here, or null when they can.</summary>
    public static string? Reason => TriedOnce.Value;

    /// <summary>Why the kernel's NATs cannot be used here, or null when they can.</summary>
    public static string? NatReason => TriedNatOnce.Value;

    /// <summary>Why lines with a delay cannot be laid here, or null when they can.</summary>
    public static string? DelayReason => NatReason ?? (CanOpenTun() ? null : "/dev/net/tun cannot be opened, which lines with a delay need");

    /// <summary>Why a program cannot be run in a lab here, or null when it can.</summary>
    public static string? ReasonWithout(params ReadOnlySpan<string> programs)
    {
        foreach (var program in programs)
        {
            if (!IsInstalled(program)) { return $"{program} is not installed (./test says how)"; }
        }

        return Reason;
    }

    /// <summary>Whether a missing peer or privilege is a failure: a build machine must not turn green for want of a package.</summary>
    public static bool MustRun => string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a program is found on the path, or where Debian keeps those for the administrator.</summary>
    public static bool IsInstalled(string program) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':')
            .Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, program)));

    private static string? Try()
    {
        if (!OperatingSystem.IsLinux()) { return "network namespaces are Linux's"; }
        if (!IsInstalled("ip") || !IsInstalled("nsenter")) { return "ip and nsenter are not installed (./test says how)"; }

        try
        {
            using var probe = NetNamespace.Create();
            return null;
        }
        catch (InvalidOperationException exception)
        {
            return $"{exception.Message}; run as root, or under: unshare --user --map-root-user --net";
        }
    }

    private static bool CanOpenTun()
    {
        try
        {
            using var file = File.OpenHandle("/dev/net/tun", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string? TryNat()
    {
        if (ReasonWithout("ip", "nft", "tc", "nsenter") is { } reason) { return reason; }

        try
        {
            using var probe = NetNamespace.Create();
            probe.RunWithInput("table ip nat {\nchain post { type nat hook postrouting priority srcnat; masquerade\n}\n}\n", "nft", ["-f", "-"]);
            return null;
        }
        catch (InvalidOperationException exception)
        {
            return $"the kernel does not take NAT rules: {exception.Message}";
        }
    }
}
