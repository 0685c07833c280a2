namespace Coco.Cli.Api;

/// <summary>Topics to subscribe to.</summary>
internal sealed record SubscribeWish(string Filter, int History = 0, bool Retained = true);
