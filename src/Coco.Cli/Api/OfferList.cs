namespace Coco.Cli.Api;

/// <summary>What another node offers to this one.</summary>
internal sealed record OfferList(string Node, IReadOnlyList<OfferView> Services);
