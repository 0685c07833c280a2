using Coco.Lab.Nat;
using Coco.Transport;
using Coco.Traversal.Finding;

namespace Coco.Lab.Endpoints;

/// <summary>How one call between two kinds of NAT went.</summary>
internal sealed record NatCellResult
{
    public required NatKind Caller { get; init; }

    public required NatKind Callee { get; init; }

    public NatOutcome Expected => NatMatrix.Expected(Caller, Callee);

    /// <summary>What went wrong, where bytes, paths or times were not what they must be; null otherwise.</summary>
    public string? Failure { get; init; }

    /// <summary>From the call to its answer.</summary>
    public TimeSpan Connected { get; init; }

    /// <summary>From the call until the callee's application had the caller's first byte.</summary>
    public TimeSpan FirstByte { get; init; }

    /// <summary>From the call until both sides sent over UDP and straight to each other; null where they did not.</summary>
    public TimeSpan? Direct { get; init; }

    /// <summary>The kind of path the connection began on.</summary>
    public PathType FirstPath { get; init; }

    /// <summary>The kind of path the connection has come to.</summary>
    public PathType Path { get; init; }

    public VerdictCode CallerVerdict { get; init; }

    public VerdictCode CalleeVerdict { get; init; }

    /// <summary>What the verdicts follow from.</summary>
    public string Evidence { get; init; } = "";

    /// <summary>Whether the outcome is the expected one: straight over UDP where that is possible, and only there.</summary>
    public bool IsExpected => Failure is null && Direct is not null == Expected is not NatOutcome.Relay;

    /// <summary>Whether a pair that stays on a relay or TCP says the true reason, on both sides.</summary>
    public bool IsVerdictTrue => (Path, Caller, Callee) switch
    {
        (PathType.Udp, _, _) => IsDirect(CallerVerdict) && IsDirect(CalleeVerdict),
        (PathType.Tcp, _, _) => CallerVerdict is VerdictCode.DirectTcp && CalleeVerdict is VerdictCode.DirectTcp,
        (_, NatKind.UdpBlocked, NatKind.UdpBlocked) => CallerVerdict is VerdictCode.UdpBlockedHere && CalleeVerdict is VerdictCode.UdpBlockedHere,
        (_, NatKind.UdpBlocked, _) => CallerVerdict is VerdictCode.UdpBlockedHere && CalleeVerdict is VerdictCode.UdpBlockedAtPeer,
        (_, _, NatKind.UdpBlocked) => CallerVerdict is VerdictCode.UdpBlockedAtPeer && CalleeVerdict is VerdictCode.UdpBlockedHere,
        (_, NatKind.Symmetric, NatKind.Symmetric) => CallerVerdict is VerdictCode.BothAddressDependent && CalleeVerdict is VerdictCode.BothAddressDependent,
        _ => false, // no other pair has a reason to stay relayed
    };

    public override string ToString() =>
        $"{Caller} calls {Callee}: expected {Expected}, {FirstPath} then {Path}, answered after {Connected.TotalMilliseconds:F0} ms, first byte "
        + $"{FirstByte.TotalMilliseconds:F0} ms, direct {(Direct is { } direct ? $"{direct.TotalMilliseconds:F0} ms" : "never")}, "
        + $"{CallerVerdict} / {CalleeVerdict}{(Failure is null ? "" : $"; {Failure}")}{(IsExpected && IsVerdictTrue ? "" : $" [{Evidence}]")}";

    private static bool IsDirect(VerdictCode code) => code is VerdictCode.Direct;
}
