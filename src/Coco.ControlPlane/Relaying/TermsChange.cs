using Coco.Crypto;

namespace Coco.ControlPlane.Relaying;

/// <summary>Whose terms are others now: relays ask for them anew.</summary>
internal sealed record TermsChange(IReadOnlyCollection<NodeId> Nodes, IReadOnlyCollection<string> Networks);
