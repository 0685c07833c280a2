namespace Coco.Traversal.Stun;

/// <summary>Whether two inner hosts reach each other by their outer addresses (RFC 4787 §6).</summary>
public enum NatHairpin : byte
{
    /// <summary>Not known, or there is no NAT.</summary>
    Unknown,

    /// <summary>They do.</summary>
    Works,

    /// <summary>They do not.</summary>
    Fails,
}
