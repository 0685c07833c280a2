namespace Coco.Data.Core;

/// <summary>
/// Frames between two nodes that hold the same collections, each length-prefixed; both sides send any of them. Unknown ones are passed over.
/// <code>
/// frame    = type v ‖ length v ‖ body
/// Have     = answer u8 (1: say what you have of these) ‖ n × name            collections that the sender holds and the receiver may read
/// Root     = collection (32) ‖ floor u64 ‖ digest (16)                         "is this what you have?"
/// InStep   = collection (32) ‖ floor u64 ‖ digest (16)                         "yes"
/// Branch   = collection (32) ‖ level u8 ‖ index u16 ‖ 16 × digest (16)         "no: these are the parts of mine"
/// Ask      = collection (32) ‖ level u8 ‖ n × index u16                        for the parts of those that differ; level 3 are leaves
/// Leaf     = collection (32) ‖ index u16 ‖ floor u64 ‖ after (32) ‖ up to (32) ‖ n × item   all that is in a leaf between two hashes of keys
/// Offer    = collection (32) ‖ n × item                                        what is new at the sender and was not written by it
/// Want     = collection (32) ‖ n × hash of key (32)
/// Entries  = collection (32) ‖ number v (0: no answer) ‖ n × (length v ‖ entry)
/// Ack      = number v ‖ refused v ‖ why u8                                     all others of these are on the sender's disk
/// item     = hash of key (32) ‖ hybrid time u64 ‖ hash of body (32)
/// </code>
/// </summary>
internal enum DataFrameType : ulong
{
    Have = 1,
    Root = 2,
    InStep = 3,
    Branch = 4,
    Ask = 5,
    Leaf = 6,
    Offer = 7,
    Want = 8,
    Entries = 9,
    Ack = 10,
}
