namespace Coco.Cli.Api;

/// <summary>An invitation that was taken back.</summary>
/// <param name="Invitation">Its name.</param>
/// <param name="Control">At which control plane.</param>
/// <param name="IsTicketRevoked">Whether the ticket in its link is good no more, too: the node that made it has to say so.</param>
internal sealed record LinkRevoked(string Invitation, string Control, bool IsTicketRevoked);
