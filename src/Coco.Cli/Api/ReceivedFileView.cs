namespace Coco.Cli.Api;

/// <summary>A file that came, whole and checked.</summary>
internal sealed record ReceivedFileView(string From, string FromId, string Path, long Length, string Sha256);
