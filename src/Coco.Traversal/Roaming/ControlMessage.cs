namespace Coco.Traversal.Roaming;

/// <summary>Types of control messages between two nodes (docs/wire.md).</summary>
internal static class ControlMessage
{
    /// <summary>From the caller, the first on the connection that it keeps. Empty.</summary>
    public const ulong Hello = 0x00;

    /// <summary>The sender's newest address record, so that the receiver finds it again after both have moved.</summary>
    public const ulong Record = 0x01;

    /// <summary>Application error code: another call of the same caller was answered first.</summary>
    public const ulong Superseded = 0x0C0C_0001;

    /// <summary>Application error code: this node does not do what was asked, or no more of it.</summary>
    public const ulong Refused = 0x0C0C_0003;

    /// <summary>Application error code: the control stream was ended or malformed.</summary>
    public const ulong ProtocolError = 0x0C0C_0002;
}
