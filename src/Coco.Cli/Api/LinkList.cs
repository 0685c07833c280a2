using Coco.ControlPlane.Client.Contracts.Invitations;

namespace Coco.Cli.Api;

/// <summary>Invitations of a network at a control plane. The secrets of their links are nowhere but with whoever made them.</summary>
internal sealed record LinkList(string Network, string Control, IReadOnlyList<InvitationView> Invitations);
