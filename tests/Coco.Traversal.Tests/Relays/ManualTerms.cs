using Coco.Crypto;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Tests.Relays;

/// <summary>Terms that a test sets and changes.</summary>
internal sealed class ManualTerms : IRelayTerms
{
    private readonly Dictionary<NodeId, RelayTerms> _terms = [];

    public RelayTerms this[int n] { set => _terms[RelayRig.PlainId(n)] = value; }

    public RelayTerms TermsOf(NodeId client) => _terms.GetValueOrDefault(client) ?? new();
}
