namespace Coco.Lab.Nat;

/// <summary>What is expected of every pair of kinds: the list that the kernel's NATs and the simulated ones are both held to.</summary>
public static class NatMatrix
{
    public static IReadOnlyList<NatKind> Kinds { get; } = Enum.GetValues<NatKind>();

    /// <summary>All 64 ordered pairs: who dials, and whom.</summary>
    public static IEnumerable<(NatKind Caller, NatKind Callee)> Cells =>
        from caller in Kinds
        from callee in Kinds
        select (caller, callee);

    public static NatOutcome Expected(NatKind one, NatKind other)
    {
        if (one is NatKind.UdpBlocked || other is NatKind.UdpBlocked) { return NatOutcome.Relay; }
        if (one is not NatKind.Symmetric && other is not NatKind.Symmetric) { return NatOutcome.Direct; }
        return (one is NatKind.Symmetric ? other : one) switch
        {
            NatKind.Symmetric => NatOutcome.Relay,
            // The other side's filter lets in only what it has sent to, port and all, and nobody knows the port that the symmetric
            // side's NAT will choose.
            NatKind.Firewall or NatKind.PortRestricted or NatKind.PortPreserving => NatOutcome.Birthday,
            _ => NatOutcome.Direct,
        };
    }
}
