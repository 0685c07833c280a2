namespace Coco.Tunnels;

/// <summary>What became of bytes that were read.</summary>
internal enum ParseStatus
{
    /// <summary>More are needed.</summary>
    Incomplete,

    /// <summary>There was one, whole.</summary>
    Done,

    /// <summary>They are none, whatever follows.</summary>
    Malformed,
}
