namespace Coco.Cli.Api;

/// <summary>A link, with which one node can join.</summary>
/// <param name="Link">The link, with the secret behind the <c>#</c>.</param>
/// <param name="Invitation">Its name at the control plane.</param>
/// <param name="Ticket">The id of the ticket in it.</param>
/// <param name="Network">Into which network.</param>
/// <param name="Control">At which control plane.</param>
/// <param name="Role">What the newcomer will be.</param>
/// <param name="SubCluster">Where the newcomer's node goes.</param>
/// <param name="Expires">Until when it is good.</param>
/// <param name="NoteProblem">Why no note was asked for, though one was wanted; null where all is well.</param>
internal sealed record LinkView(
    string Link, string Invitation, string Ticket, string Network, string Control, string Role, string? SubCluster, DateTimeOffset Expires, string? NoteProblem = null);
