using Coco.Crypto;

namespace Coco.Messages;

/// <summary>A file that has come, whole and checked.</summary>
/// <param name="From">Who sent it.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Sha256">Their SHA-256.</param>
public sealed record ReceivedFile(NodeId From, string Path, long Length, ReadOnlyMemory<byte> Sha256);
