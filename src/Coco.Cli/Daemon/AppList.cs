namespace Coco.Cli.Daemon;

/// <summary>The file of the apps.</summary>
internal sealed record AppList(IReadOnlyList<AppEntry> Apps, string Format = AppList.CurrentFormat)
{
    public const string CurrentFormat = "coco-apps/1";
}
