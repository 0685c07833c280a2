namespace Coco.Cli.Api;

/// <summary>Control planes to list, each by its address, <c>https://…</c>, or its relay, <c>ID@ADDRESS:PORT,…</c>.</summary>
internal sealed record ControlPlaneWish(IReadOnlyList<string> Where);
