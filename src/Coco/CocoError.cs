namespace Coco;

/// <summary>What went wrong.</summary>
public enum CocoError
{
    /// <summary>Something unforeseen; the message tells.</summary>
    Unknown,

    /// <summary>There is no store at the path.</summary>
    StoreNotFound,

    /// <summary>There is a store at the path already.</summary>
    StoreExists,

    /// <summary>The store is under another passphrase or key.</summary>
    WrongPassphrase,

    /// <summary>Another node, here or in another process, uses the store.</summary>
    StoreInUse,

    /// <summary>The store is damaged, was tampered with, or is no store.</summary>
    StoreDamaged,

    /// <summary>The store could not be read or written.</summary>
    StoreFailed,

    /// <summary>The disk is full, and nothing was stored of what was to be.</summary>
    StoreFull,

    /// <summary>The addresses to listen on are in use or not this machine's.</summary>
    AddressUnavailable,

    /// <summary>No sponsor knows the ticket, or somebody stands between.</summary>
    TicketNotValid,

    /// <summary>The ticket is too old.</summary>
    TicketExpired,

    /// <summary>The ticket was taken back.</summary>
    TicketRevoked,

    /// <summary>Another node has joined with the ticket.</summary>
    TicketUsed,

    /// <summary>The sponsor does not let the node in as it is: its name, its user, or what the inviter may do.</summary>
    JoinNotAllowed,

    /// <summary>What came back is not of the network that was to be joined.</summary>
    WrongNetwork,

    /// <summary>The text is not what it should be.</summary>
    InvalidText,

    /// <summary>The network has no such member, or none that this node may see.</summary>
    NotFound,

    /// <summary>The member is known, and there is no way to it now.</summary>
    Unreachable,

    /// <summary>The user's role does not allow it.</summary>
    NotPermitted,

    /// <summary>The policy at the receiver does not allow it.</summary>
    Denied,

    /// <summary>This node was removed from its network.</summary>
    Removed,

    /// <summary>The other side closed the connection, or it was lost.</summary>
    ConnectionClosed,

    /// <summary>More was asked for at once than is served.</summary>
    Overloaded,

    /// <summary>What was asked for makes no sense in this network.</summary>
    Invalid,

    /// <summary>The peer offers no service of that name, or one of another kind.</summary>
    NotOffered,

    /// <summary>What stands behind a service does not answer.</summary>
    TargetUnavailable,

    /// <summary>The name is taken.</summary>
    NameInUse,

    /// <summary>What was to be replaced is not what it was any more.</summary>
    Changed,
}
