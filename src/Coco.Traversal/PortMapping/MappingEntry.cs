using Coco.Traversal.PortMapping.Pcp;

namespace Coco.Traversal.PortMapping;

/// <summary>One mapping as one session knows it.</summary>
internal sealed class MappingEntry(WantedMapping wanted)
{
    public WantedMapping Wanted { get; } = wanted;

    public EntryPhase Phase { get; set; }

    /// <summary>Whether a router may have made this mapping.</summary>
    public bool WasAsked { get; set; }

    /// <summary>Whether a router said it made this mapping.</summary>
    public bool WasGranted { get; set; }

    /// <summary>When the next request is due.</summary>
    public TimeSpan NextSend { get; set; } = TimeSpan.MaxValue;

    /// <summary>Requests sent in this phase.</summary>
    public int Sent { get; set; }

    /// <summary>The wait after the last request.</summary>
    public TimeSpan Interval { get; set; }

    /// <summary>External port asked for or granted.</summary>
    public int ExternalPort { get; set; } = wanted.InternalPort;

    /// <summary>External address as granted, port 0; only where it comes with the mapping.</summary>
    public NetworkAddress ExternalHost { get; set; }

    public TimeSpan GrantedAt { get; set; }

    /// <summary>When the grant ends; zero when there is none.</summary>
    public TimeSpan Expiry { get; set; }

    /// <summary>PCP: tells this mapping from others.</summary>
    public MappingNonce Nonce { get; init; }

    /// <summary>UPnP: whether the external port was seen to be nobody else's.</summary>
    public bool IsPortChecked { get; set; }

    /// <summary>UPnP: the router knows no leases.</summary>
    public bool IsPermanent { get; set; }

    /// <summary>UPnP: external ports tried.</summary>
    public int PortTries { get; set; }

    /// <summary>UPnP: to be compared with what the router has.</summary>
    public bool NeedsCheck { get; set; }

    /// <summary>Whether there is a grant that has not ended.</summary>
    public bool IsAlive(TimeSpan now) => Phase is EntryPhase.Asking or EntryPhase.Held && now < Expiry;

    /// <summary>Asks from now on.</summary>
    public void Ask(TimeSpan now) => Begin(EntryPhase.Asking, now);

    /// <summary>Turns to another phase whose first request is due at a time.</summary>
    public void Begin(EntryPhase phase, TimeSpan at) => (Phase, NextSend, Sent, Interval) = (phase, at, 0, TimeSpan.Zero);
}
