namespace Coco.Traversal.Relays;

/// <summary>Two clients' legs, in the list of all sessions by last use.</summary>
internal sealed class RelaySession
{
    public RelaySession(RelayLeg opener, RelayLeg target)
    {
        (Opener, Target) = (opener, target);
        opener.Join(this, target);
        target.Join(this, opener);
    }

    public RelayLeg Opener { get; }

    public RelayLeg Target { get; }

    /// <summary>When data last passed, to a second.</summary>
    public TimeSpan LastUse { get; set; }

    public RelaySession? Older { get; set; }

    public RelaySession? Newer { get; set; }
}
