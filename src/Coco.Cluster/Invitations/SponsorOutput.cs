using Coco.Crypto;

namespace Coco.Cluster.Invitations;

/// <summary>
/// What a <see cref="Sponsor"/> wants done. What must be on disk before it is said comes as <see cref="Persist"/> alone: what is to be
/// said comes out after the host has called <see cref="Sponsor.HandlePersisted"/>, so that no host can get the order wrong.
/// </summary>
internal abstract record SponsorOutput
{
    private SponsorOutput()
    {
    }

    /// <summary>Write a ticket's record, make sure it stays, then report the number.</summary>
    public sealed record Persist(ulong Number, TicketRecord Record) : SponsorOutput;

    /// <summary>Remove the record of a ticket that is of no use any more. Nothing waits for it.</summary>
    public sealed record Forget(TicketId Ticket) : SponsorOutput;

    /// <summary>A ticket is on disk and can be handed out.</summary>
    public sealed record Invited(Ticket Ticket) : SponsorOutput;

    /// <summary>Send a frame on a channel.</summary>
    public sealed record Send(ulong Channel, JoinFrame Frame) : SponsorOutput;

    /// <summary>The protocol is over on a channel. It stays when the node is a member now, else it is closed once what was sent is delivered.</summary>
    public sealed record Finish(ulong Channel, bool IsMember) : SponsorOutput;

    /// <summary>A node was admitted (its certificate is on disk), for the log and the list of peers.</summary>
    public sealed record Admitted(TicketId Ticket, NodeId Node, ReadOnlyMemory<byte> Certificate) : SponsorOutput;

    /// <summary>A node was not.</summary>
    public sealed record Denied(NodeId Node, JoinRefusal Reason) : SponsorOutput;
}
