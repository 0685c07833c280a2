namespace Coco.Cli.Api;

/// <summary>A service that another node offers.</summary>
internal sealed record OfferView(string Name, bool IsDatagrams, bool IsRtsp);
