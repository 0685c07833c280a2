namespace Coco.Lab.Nat;

/// <summary>How two hosts end up talking.</summary>
public enum NatOutcome
{
    /// <summary>Directly, by sending to each other's outer addresses at once.</summary>
    Direct,

    /// <summary>Directly, by birthday punching: many sockets on one side, random ports tried from the other.</summary>
    Birthday,

    /// <summary>Through a relay or over TCP.</summary>
    Relay,
}
