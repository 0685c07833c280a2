namespace Coco.ControlPlane.Storage;

/// <summary>One step of the tables: its number, its name, the SHA-256 of its file, and its statements.</summary>
internal sealed record Migration(int Version, string Name, string Hash, IReadOnlyList<string> Statements);
