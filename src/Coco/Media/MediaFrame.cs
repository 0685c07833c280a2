namespace Coco.Media;

/// <summary>
/// What both ends of a subscription say on its stream, as <c>type v ‖ length v (at most 65,536) ‖ body</c>; others are skipped.
/// </summary>
internal enum MediaFrame : ulong
{
    /// <summary>From the subscriber, first: number v ‖ producer (32) ‖ length v ‖ name ‖ flags u8 (1: signatures) ‖ copies it would send
    /// on v ‖ count u8 (at most 8) ‖ count × NodeId to be avoided ‖ count v ‖ count × ( length v ‖ track wanted ), none for all.</summary>
    Subscribe = 1,

    /// <summary>From the subscriber: length v ‖ name of a track that is not wanted any more.</summary>
    Pause = 2,

    /// <summary>From the subscriber: length v ‖ name of a track that is wanted, from its newest group on.</summary>
    Resume = 3,

    /// <summary>From the subscriber, each second: echo v ‖ bytes received v ‖ objects received v ‖ objects lost v ‖ copies it could still send on v.</summary>
    Report = 4,

    /// <summary>From the sender, first where it accepts, and again when something has changed: time of the stream in microseconds v ‖ count u8 (1–8) ‖ count ×
    /// NodeId on the way, the producer first and the sender last ‖ a signed <see cref="StreamDescription"/>.</summary>
    State = 16,

    /// <summary>From the sender, instead of a state or after it: epoch u64 ‖ count u8 (at most 8) ‖ count × NodeId that may send the stream.</summary>
    Redirect = 17,

    /// <summary>From the sender, the answer to a report: echo v ‖ time of the stream in microseconds v.</summary>
    Time = 18,

    /// <summary>From the sender: the stream is over.</summary>
    Ended = 19,
}
