namespace Coco.Messages;

/// <summary>
/// What a record of the journal says. A channel is a number that stands for a receiver, or for a sender and its lineage:
/// <code>
/// record       = kind u8 ‖ …
/// OutChannel   = channel v ‖ generation v ‖ receiver (32) ‖ lineage u64 ‖ next v ‖ acknowledged v
/// Sent         = channel v ‖ content                     MessageContent
/// Acknowledged = channel v ‖ up to v
/// Settled      = channel v ‖ sequence v                  given up
/// InChannel    = channel v ‖ sender (32) ‖ lineage u64 ‖ up to v
/// Received     = channel v ‖ flags u8 (1: handed out at once) ‖ content
/// HandedOut    = channel v ‖ sequence v
/// Completed    = channel v ‖ sequence v
/// Group        = length v ‖ name ‖ ( NodeId ) × …         none: there is no such group any more
/// Kept         = number v ‖ from (32) ‖ to (32) ‖ expires v ‖ sealed      of a mailbox
/// Dropped      = number v                                of a mailbox
/// </code>
/// Each can be read twice: what is known does not go backwards.
/// </summary>
internal enum JournalRecordKind : byte
{
    OutChannel = 1,
    Sent = 2,
    Acknowledged = 3,
    Settled = 4,
    InChannel = 5,
    Received = 6,
    HandedOut = 7,
    Completed = 8,
    Group = 9,
    Kept = 10,
    Dropped = 11,
}
