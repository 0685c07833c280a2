namespace Coco.Topics.Core;

/// <summary>
/// What the members say to each other about topics, on one stream of kind topic for each pair of them. It is opened by either side; where both do
/// at once, that of the smaller NodeId stays. Each side begins with Have frames and Hello; messages wait for the other's Hello.
/// <code>
/// frame     = type u8 ‖ length v ‖ body               text = length v ‖ UTF-8; unknown types are skipped
/// Hello     = version u8 (1) ‖ sum u64                the sum of the interests its sender knows
/// Have      = epoch u64 ‖ next v ‖ text               of the receiver's own topic: the number of the message that is expected next
/// Bind      = number v ‖ epoch u64 ‖ next v ‖ text    the topic of its sender that has this number now, and the number of its next message here
/// Message   = number v ‖ data                         the next message
/// Asked     = number v ‖ data                         likewise; answered by Ack
/// Skip      = number v ‖ count v                      so many messages are lost
/// Clock     = milliseconds since 1970 u64             when the messages that follow were published
/// Ack       = number v ‖ sequence v                   of the receiver's topics
/// Interests = an interest record
/// Known     = count v ‖ count × ( tag u64 ‖ version u64 ) ‖ from u64 ‖ to u64   all records known in that range of tags
/// Seen      = version u64                             of the receiver's own record
/// Batch     = flags u8 (1: kept, 2: acknowledge, 4: to be passed on) ‖ signed batch
/// Sum       = sum u64                                 as in Hello
/// Offer     = batch name ‖ from v ‖ next v            all messages of a topic up to that are here; from: those that were not offered yet
/// Graft     = batch name ‖ from v                     send these, and what follows
/// Prune     = batch name                              send no more, offer
/// Counted   = batch name ‖ sequence v ‖ count v       so many more subscribers below have an acknowledged message
/// batch name = NodeId ‖ epoch u64 ‖ text
/// </code>
/// </summary>
internal enum TopicFrameType : byte
{
    Hello = 1,
    Have = 2,
    Bind = 3,
    Message = 4,
    Asked = 5,
    Skip = 6,
    Clock = 7,
    Ack = 8,
    Interests = 9,
    Known = 10,
    Seen = 11,
    Batch = 12,
    Sum = 13,
    Offer = 14,
    Graft = 15,
    Prune = 16,
    Counted = 17,
}
