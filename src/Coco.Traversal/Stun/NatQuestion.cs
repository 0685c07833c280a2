namespace Coco.Traversal.Stun;

/// <summary>A question that is under way.</summary>
/// <param name="Kind">Why it is asked.</param>
/// <param name="Observer">The observer it concerns.</param>
internal readonly record struct NatQuestion(NatQuestionKind Kind, NetworkAddress Observer);
