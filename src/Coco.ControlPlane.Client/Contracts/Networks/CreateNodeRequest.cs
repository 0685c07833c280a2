namespace Coco.ControlPlane.Client.Contracts.Networks;

/// <summary>A node of a network.</summary>
/// <param name="Certificate">The certificate that admits it, base64url.</param>
/// <param name="ExternalUserId">For developer networks: the developer's own name for whose node it is, at most 128 characters.</param>
/// <param name="Information">What the node exported to be admitted to this network (it begins with coconode1): it shows that the node's own key agreed. A node that another network brought without that is
/// served for this one then; without it, a node that another network has stays that one's at the relays, until it comes itself.</param>
public sealed record CreateNodeRequest(string? Certificate = null, string? ExternalUserId = null, string? Information = null);
