namespace Coco.Traversal.Finding;

/// <summary>An address at which this node may be reached.</summary>
/// <param name="Kind">Where it comes from.</param>
/// <param name="Address">The address and port.</param>
/// <param name="InterfaceName">The interface it belongs to; empty when unknown.</param>
/// <param name="PrefixLength">Bits of the network's part, for <see cref="CandidateKind.Host"/>; 0 when unknown.</param>
internal readonly record struct LocalCandidate(CandidateKind Kind, NetworkAddress Address, string InterfaceName = "", int PrefixLength = 0);
