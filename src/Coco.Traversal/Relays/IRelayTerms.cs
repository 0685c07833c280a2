using Coco.Crypto;

namespace Coco.Traversal.Relays;

/// <summary>Says on what terms a relay serves its clients, for relays that tell networks apart.</summary>
public interface IRelayTerms
{
    /// <summary>The terms of one client. Asked on the endpoint's own thread, whenever a client connects and whenever terms are said to have
    /// changed: the answer comes from memory, and nothing is thrown.</summary>
    public RelayTerms TermsOf(NodeId client);
}
