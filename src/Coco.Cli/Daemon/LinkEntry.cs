namespace Coco.Cli.Daemon;

/// <summary>Which ticket is in the link of an invitation, to take both back. Nothing of it lets anybody in.</summary>
/// <param name="Invitation">The invitation's name at the control plane.</param>
/// <param name="Ticket">The ticket's id.</param>
/// <param name="Expires">Until when both are good.</param>
internal sealed record LinkEntry(string Invitation, string Ticket, DateTimeOffset Expires);
