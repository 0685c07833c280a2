namespace Coco.Cli.Api;

/// <summary>A network to join.</summary>
internal sealed record JoinWish(string Ticket, string? NodeName = null);
