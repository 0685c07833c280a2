namespace Coco.Media;

/// <summary>A stream of a group that is being received.</summary>
/// <param name="Number">The track's.</param>
/// <param name="Receiver">The track.</param>
/// <param name="Lane">Where it stands among others.</param>
/// <param name="PassedOn">The track for those that get it from here; null where nobody does.</param>
internal sealed record OpenGroup(int Number, TrackReceiver Receiver, OrderLane Lane, LiveTrack? PassedOn);
