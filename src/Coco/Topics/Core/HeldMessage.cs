namespace Coco.Topics.Core;

/// <summary>A message that waits for those before it.</summary>
internal readonly record struct HeldMessage(byte[] Data, MessageTime Time, Asked? Asked);
