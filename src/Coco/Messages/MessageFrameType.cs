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
/// Deposit  = number v ‖ receiver (32) ‖ lineage u64 ‖ sequence v ‖ expires v ‖ sealed      to a mailbox; MailboxSeal
/// Kept     = number v ‖ 0 kept, 1 no room, 2 no mailbox v
/// Fetch    =                                       to a mailbox: what is kept for the sender
/// Item     = number v ‖ sender (32) ‖ lineage u64 ‖ sealed
/// ItemsEnd =
/// Taken    = number v                             to a mailbox: an item is on the receiver's disk
/// Notice   =                                       from a mailbox: there is something to fetch
/// Ask      =                                       to a mailbox: how much room is there for the sender's
/// Room     = messages v ‖ bytes v ‖ longest v     from it: so many, of so many sealed bytes together and each; it may be less by the time they come
/// Offer    = version v (1) ‖ transfer (16) ‖ length v ‖ length v ‖ name                     a file
/// From     = offset v                             from its receiver; then come the bytes from there on, SHA-256 of all, and the end
/// Done     = 0 whole, 1 not what was sent v
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
    Deposit = 8,
    Kept = 9,
    Fetch = 10,
    Item = 11,
    ItemsEnd = 12,
    Taken = 13,
    Notice = 14,
    Offer = 16,
    From = 17,
    Done = 18,
    Ask = 19,
    Room = 20,
}
