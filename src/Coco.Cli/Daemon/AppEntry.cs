namespace Coco.Cli.Daemon;

/// <summary>An app that may use the daemon.</summary>
/// <param name="Name">Its name, which is the AppId of its nodes.</param>
/// <param name="Digest">SHA-256 of its token, in hexadecimal.</param>
/// <param name="AddedAt">When it was added.</param>
internal sealed record AppEntry(string Name, string Digest, DateTimeOffset AddedAt);
