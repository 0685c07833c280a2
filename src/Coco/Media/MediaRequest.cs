namespace Coco.Media;

/// <summary>
/// What a stream of kind media begins with, after the session:
/// <code>
/// stream = 0x23 ‖ session v ‖ request v ‖ …
/// 0 subscription: bidirectional, opened by the subscriber; frames both ways (MediaFrame), Subscribe the first
/// 1 group:        unidirectional, opened by whoever sends; a group or the rest of one:
///                 subscription v ‖ track v ‖ previous v ‖ group v ‖ index v ‖ sequence v ‖ chain (32) ‖ records (GroupRecord)
/// </code>
/// A group's stream is reset with <see cref="Hosting.WireError.Late"/> when its deadline has passed; what follows of the group comes on another.
/// </summary>
internal enum MediaRequest : ulong
{
    Subscription = 0,
    Group = 1,
}
