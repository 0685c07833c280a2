namespace Coco.Traversal.Stun;

/// <summary>From where else a server answers: asked for by CHANGE-REQUEST (RFC 5780 §7.2), whose bits these are.</summary>
[Flags]
internal enum StunChange : byte
{
    /// <summary>From where it was asked.</summary>
    None = 0,

    /// <summary>From another port.</summary>
    Port = 2,

    /// <summary>From another address.</summary>
    Address = 4,

    /// <summary>From another port of another address.</summary>
    Both = Port | Address,
}
