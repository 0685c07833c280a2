namespace Coco.Traversal.Stun;

/// <summary>What was seen of a NAT.</summary>
public enum NatEvidenceKind : byte
{
    /// <summary>The observer did not answer.</summary>
    NoAnswer,

    /// <summary>The observer answered with a refusal, or with what cannot be used.</summary>
    Unusable,

    /// <summary>The observer said a private, loopback or own address where the internet must see another.</summary>
    Suspicious,

    /// <summary>The observer said another address than most.</summary>
    Disagrees,

    /// <summary>Towards this address of an observer we have another outer address than towards its first.</summary>
    MappedDifferently,

    /// <summary>An answer from another host than was sent to passed the filter.</summary>
    OtherHostPassed,

    /// <summary>An answer from another host than was sent to did not come.</summary>
    OtherHostBlocked,

    /// <summary>An answer from another port than was sent to passed the filter.</summary>
    OtherPortPassed,

    /// <summary>An answer from another port than was sent to did not come.</summary>
    OtherPortBlocked,

    /// <summary>What was sent to our own outer address came back in.</summary>
    HairpinReceived,

    /// <summary>The outer address was another before: the NAT forgot it, restarted, or is another.</summary>
    Rebound,
}
