namespace Coco.Data;

/// <summary>
/// Records of the log of data.
/// <code>
/// Collection = 1 ‖ channel v ‖ opened u8 ‖ floor u64 ‖ name (<see cref="Core.CollectionName"/>)   as it is from here on
/// Entry      = 2 ‖ channel v ‖ entry (<see cref="Core.SignedEntry"/>)                              the newest from here on
/// Dropped    = 3 ‖ channel v ‖ hash of key (32)                                                    nothing is known of it from here on
/// Blob       = 4 ‖ id (32) ‖ length v ‖ file (16) ‖ key (32) ‖ flags u8 (1: whole, 2: pinned)
/// BlobGone   = 5 ‖ id (32)
/// </code>
/// Each segment begins with all of kind 1 and 4.
/// </summary>
internal enum DataRecordKind : byte
{
    Collection = 1,
    Entry = 2,
    Dropped = 3,
    Blob = 4,
    BlobGone = 5,
}
