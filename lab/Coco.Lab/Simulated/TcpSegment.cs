namespace Coco.Lab.Simulated;

/// <summary>The header of a simulated TCP segment. One segment carries one message, so numbers count messages, not bytes.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="Number">The message's number, from 0; in an acknowledgement the one that has just arrived.</param>
/// <param name="Acknowledged">The next message the sender of this segment waits for.</param>
internal sealed record TcpSegment(TcpSegmentKind Kind, long Number = 0, long Acknowledged = 0);
