namespace Coco.Data;

/// <summary>What a stream of data is for; a varint behind the session's number.</summary>
internal enum DataStreamType : ulong
{
    /// <summary>Frames of <see cref="Core.DataFrameType"/>, both ways.</summary>
    Entries = 0,

    /// <summary>Frames of <see cref="BlobFrameType"/>: who opened it asks.</summary>
    Blobs = 1,
}
