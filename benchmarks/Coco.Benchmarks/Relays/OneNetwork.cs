using Coco.Crypto;
using Coco.Traversal.Relays;

namespace Coco.Benchmarks.Relays;

/// <summary>Everybody is of one network.</summary>
internal sealed class OneNetwork(RelayTerms terms) : IRelayTerms
{
    private readonly RelayTerms _members = terms with { Network = "one" };

    public RelayTerms TermsOf(NodeId client) => _members;
}
