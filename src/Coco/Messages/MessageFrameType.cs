namespace Coco.Messages;

/// <summary>
/// Frames of messages between two nodes. Streams of kind 0x21 go on with a number that says what they carry (<see cref="MessageStreamType"/>), then frames:
/// <code>
/// frame    = type v ‖ length v ‖ body
/// Begin    = version v (1) ‖ lineage u64          first, from the sender
/// Message  = content                              MessageContent; ascending, and what is left out will not come
/// Have     = up to v                              first, from the receiver: all up to this one are on its disk
/// Stored   = up to v                              from the receiver, as more is
/// Request  = number v ‖ time left in ms v ‖ length v ‖ subject ‖ data
/// Withdraw = number v                             nobody waits for the answer any more
/// Reply    = number v ‖ data
/// </code>
/// Unknown types are skipped.
/// </summary>
internal enum MessageFrameType : ulong
{
    Begin = 1,
    Message = 2,
    Have = 3,
    Stored = 4,
    Request = 5,
    Withdraw = 6,
    Reply = 7,
}
