namespace Coco.Traversal.Roaming;

/// <summary>Types of control messages between two nodes (docs/wire.md).</summary>
internal static class ControlMessage
{
    /// <summary>From the caller, the first on the connection that it keeps. Empty.</summary>
    public const ulong Hello = 0x00;

    /// <summary>The first of the types that belong to path finding.</summary>
    public const ulong FirstOfPathFinding = 0x10;

    /// <summary>Application error code: another call of the same caller was answered first.</summary>
    public const ulong Superseded = 0x0C0C_0001;

    /// <summary>Application error code: the control stream was ended or malformed.</summary>
    public const ulong ProtocolError = 0x0C0C_0002;
}
