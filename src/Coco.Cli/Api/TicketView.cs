namespace Coco.Cli.Api;

/// <summary>A ticket, which whoever holds it can join with.</summary>
internal sealed record TicketView(string Ticket, string Id, string Network, string Role, string? SubCluster, DateTimeOffset Expires);
