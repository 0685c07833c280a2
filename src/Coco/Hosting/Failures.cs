using Coco.Cluster.Invitations;
using Coco.Cluster.Lookup;
using Coco.Cluster.Members;
using Coco.Crypto;
using Coco.Storage;
using Coco.Transport;

namespace Coco.Hosting;

/// <summary>What went wrong below, in the words of this library.</summary>
internal static class Failures
{
    public static CocoException Of(MembershipException exception) => new(
        exception.Code switch
        {
            MembershipError.NotAllowed => CocoError.NotPermitted,
            MembershipError.Unknown => CocoError.NotFound,
            MembershipError.NoRoom => CocoError.Overloaded,
            MembershipError.Behind => CocoError.Unreachable,
            MembershipError.Removed => CocoError.Removed,
            MembershipError.NoEffect => CocoError.NotPermitted,
            _ => CocoError.Invalid,
        },
        exception.Message,
        exception);

    public static CocoException Of(StoreException exception) => new(
        exception.Code switch
        {
            StoreError.NotFound => CocoError.StoreNotFound,
            StoreError.AlreadyExists => CocoError.StoreExists,
            StoreError.WrongPassphrase or StoreError.WrongKey => CocoError.WrongPassphrase,
            StoreError.Locked => CocoError.StoreInUse,
            StoreError.Full => CocoError.StoreFull,
            StoreError.Corrupt or StoreError.Foreign or StoreError.UnsupportedVersion => CocoError.StoreDamaged,
            _ => CocoError.StoreFailed,
        },
        exception.Message,
        exception);

    public static CocoException Of(TransportException exception) => new(
        exception.Code switch
        {
            TransportError.AddressUnavailable => CocoError.AddressUnavailable,
            TransportError.Overloaded => CocoError.Overloaded,
            TransportError.NoRoute or TransportError.ConnectionRefused => CocoError.Unreachable,
            _ => CocoError.ConnectionClosed,
        },
        exception.Message,
        exception);

    public static CocoException Of(JoinRefusal refusal) => refusal switch
    {
        JoinRefusal.NotValid => new(CocoError.TicketNotValid, "The sponsor does not know this ticket. Copy all of it, or ask for another."),
        JoinRefusal.Expired => new(CocoError.TicketExpired, "The ticket is too old. Ask for another."),
        JoinRefusal.Revoked => new(CocoError.TicketRevoked, "The ticket was taken back. Ask for another."),
        JoinRefusal.Used => new(CocoError.TicketUsed, "Another node has joined with this ticket, and it is good for one only. Ask for another; if it was not yours, tell the inviter."),
        JoinRefusal.Busy => new(CocoError.Overloaded, "The sponsor is busy. Try again in a while."),
        JoinRefusal.NotAllowed => new(CocoError.JoinNotAllowed, "The sponsor may not let this node in: devices need a ticket of the owner, an inviter must still be in office, and the user must not have been removed."),
        JoinRefusal.WrongNetwork => new(CocoError.WrongNetwork, "What the sponsor sent is not of the ticket's network. Ask for another ticket, from somebody you trust."),
        JoinRefusal.SponsorNotProved => new(CocoError.TicketNotValid, "Whoever answered does not know the ticket: somebody may stand between. Try another way to the network."),
        JoinRefusal.NoAnswer => new(CocoError.Unreachable, "No sponsor of the ticket answered. Check that one of them is running and can be reached from here, then try again."),
        _ => new(CocoError.Unknown, "The sponsor did not understand the request. Update the older of the two programs."),
    };

    public static CocoException Unreachable(NodeId peer, Exception? cause) =>
        new(CocoError.Unreachable, $"{peer} cannot be reached now{(cause is null ? "" : $": {cause.Message.TrimEnd('.')}")}. Try again when it is on, or give both a relay.", cause);

    public static CocoException NotKnown(string whom) =>
        new(CocoError.NotFound, $"No member '{whom}' is known here. {nameof(Node.Peers)} has those that are; one that joined a moment ago may follow.");

    public static CocoException NotFound(string whom, DirectoryOutcome outcome) => outcome is DirectoryOutcome.NoAnswer
        ? new(CocoError.Unreachable, $"No member '{whom}' is known here, and no core node answered that could look it up. Try again when one is on.")
        : new(CocoError.NotFound, $"No member '{whom}' is known here or to the core of the network. One that joined a moment ago may follow.");

    public static CocoException SelfRemoved() =>
        new(CocoError.Removed, "This node was removed from its network. Join again with a new ticket and a new store, if you may.");
}
