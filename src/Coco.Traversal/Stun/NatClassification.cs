namespace Coco.Traversal.Stun;

/// <summary>What <see cref="NatClassifier"/> makes of the observations.</summary>
/// <param name="Mapping">The class.</param>
/// <param name="Mapped">The outer address most agree on.</param>
/// <param name="PreservesPorts">Whether the outer port is the inner one.</param>
/// <param name="Observed">Each observer's word, judged.</param>
internal readonly record struct NatClassification(
    NatMapping Mapping, NetworkAddress? Mapped, bool? PreservesPorts, IReadOnlyList<ObservedAddress> Observed);
