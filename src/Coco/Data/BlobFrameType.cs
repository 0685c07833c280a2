namespace Coco.Data;

/// <summary>
/// Frames on a stream for blobs, each length-prefixed.
/// <code>
/// frame   = type v ‖ length v ‖ body
/// Get     = collection (32) ‖ blob (32) ‖ first v ‖ count v                      who opened the stream: so many chunks; the next when they are there
/// Chunk   = index v ‖ blob's length u64 ‖ n u8 ‖ n × sibling (32) ‖ bytes        see <see cref="BlobTree"/>
/// Missing = nothing                                                                no more of these: not here, or not for this node
/// </code>
/// </summary>
internal enum BlobFrameType : ulong
{
    Get = 1,
    Chunk = 2,
    Missing = 3,
}
