namespace Coco.Topics.Core;

/// <summary>When a message was published.</summary>
/// <param name="Milliseconds">Since 1970, by the publisher's clock.</param>
/// <param name="Order">Of a topic's value its hybrid time, which no two of a publisher share; zero of any other message.</param>
internal readonly record struct MessageTime(long Milliseconds, ulong Order = 0);
