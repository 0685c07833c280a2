namespace Coco.Cli.Api;

/// <summary>A link that both its ends speak of.</summary>
internal sealed record GraphLinkView(string From, string To, double RoundTripMs);
