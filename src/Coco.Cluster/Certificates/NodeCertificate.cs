using Coco.Crypto;

namespace Coco.Cluster.Certificates;

/// <summary>
/// The admission of a node, which it carries and presents: whose it is, what it is called, where it belongs. Being here means: well formed,
/// and signed by the issuer and the user it names. Whether the issuer may admit is for the state of the network to say.
/// </summary>
internal sealed partial class NodeCertificate
{
    private NodeCertificate(NodeAdmission admission, NodeId issuer, StatementId authority, ReadOnlyMemory<byte> encoded) =>
        (Admission, Issuer, Authority, Encoded, Id) = (admission, issuer, authority, encoded, StatementId.Of(encoded.Span));

    /// <summary>The hash of the signed bytes.</summary>
    public StatementId Id { get; }

    public NodeAdmission Admission { get; }

    public NetworkId Network => Admission.Network;

    public NodeId Node => Admission.Node;

    public UserId User => Admission.User;

    public NodeId Issuer { get; }

    /// <summary>The statement under which the issuer admits.</summary>
    public StatementId Authority { get; }

    public ReadOnlyMemory<byte> Encoded { get; }

    public override string ToString() => $"certificate {Id} of {Admission.Name}, {Node}";
}
