namespace Coco.Cli.Api;

/// <summary>The apps that may use the daemon.</summary>
internal sealed record AppsView(IReadOnlyList<AppView> Apps);
