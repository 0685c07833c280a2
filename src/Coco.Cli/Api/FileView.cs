namespace Coco.Cli.Api;

/// <summary>How far a file is.</summary>
internal sealed record FileView(string Name, string To, long Sent, long Length, bool Done);
