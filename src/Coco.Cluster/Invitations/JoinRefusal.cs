namespace Coco.Cluster.Invitations;

/// <summary>Why a joiner is not let in. The numbers are on the wire. What a ticket's state is, only learns who has proved that it knows the ticket.</summary>
internal enum JoinRefusal
{
    /// <summary>No such ticket here, or the proof is wrong: somebody is in the middle, or the text was made up.</summary>
    NotValid = 1,

    /// <summary>The ticket is too old, by the sponsor's best-known time.</summary>
    Expired = 2,

    /// <summary>The inviter took it back.</summary>
    Revoked = 3,

    /// <summary>Another node has joined with it.</summary>
    Used = 4,

    /// <summary>Ask again in a while.</summary>
    Busy = 5,

    /// <summary>The frame makes no sense to the sponsor.</summary>
    Malformed = 6,

    /// <summary>The name or the user is one the network does not take, or the inviter may invite no more.</summary>
    NotAllowed = 7,

    /// <summary>The sponsor's own, said to nobody: the channel was open for too long without a join, or without an end to it.</summary>
    Stalled = 8,

    /// <summary>The joiner's own: the sponsor could not show that it knows the ticket.</summary>
    SponsorNotProved = 64,

    /// <summary>The joiner's own: certificate or statements are not those of the ticket's network.</summary>
    WrongNetwork = 65,

    /// <summary>The joiner's own: no sponsor answered in time.</summary>
    NoAnswer = 66,
}
