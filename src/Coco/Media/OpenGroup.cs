namespace Coco.Media;

/// <summary>A stream of a group that is being received.</summary>
/// <param name="Number">The track's.</param>
/// <param name="Receiver">The track.</param>
/// <param name="Lane">Where it stands among others.</param>
internal sealed record OpenGroup(int Number, TrackReceiver Receiver, OrderLane Lane);
