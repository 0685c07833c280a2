namespace Coco.Traversal.Stun;

/// <summary>One thing that was seen.</summary>
/// <param name="Kind">What.</param>
/// <param name="Observer">Whom it concerns.</param>
/// <param name="Address">The address it is about, where there is one.</param>
public readonly record struct NatEvidence(NatEvidenceKind Kind, NetworkAddress Observer, NetworkAddress Address = default)
{
    /// <summary>The sentence for people.</summary>
    public override string ToString() => Kind switch
    {
        NatEvidenceKind.NoAnswer => $"{Observer} does not answer",
        NatEvidenceKind.Unusable => $"{Observer} gives no usable answer",
        NatEvidenceKind.Suspicious => $"{Observer} says {Address}, which the internet cannot see",
        NatEvidenceKind.Disagrees => $"{Observer} says {Address}, most say otherwise",
        NatEvidenceKind.MappedDifferently => $"towards {Observer} the outer address is {Address}",
        NatEvidenceKind.OtherHostPassed => $"an answer of {Observer} from its other address arrived",
        NatEvidenceKind.OtherHostBlocked => $"an answer of {Observer} from its other address did not arrive",
        NatEvidenceKind.OtherPortPassed => $"an answer of {Observer} from its other port arrived",
        NatEvidenceKind.OtherPortBlocked => $"an answer of {Observer} from its other port did not arrive",
        NatEvidenceKind.HairpinReceived => $"a packet to our own outer address {Address} arrived",
        _ => $"{Observer} saw {Address} before",
    };
}
