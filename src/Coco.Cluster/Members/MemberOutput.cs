using Coco.Cluster.Invitations;
using Coco.Cluster.Lookup;
using Coco.Crypto;

namespace Coco.Cluster.Members;

/// <summary>What a <see cref="NetworkMember"/> wants done, in this order. What must be stored before it is said comes out after the host has answered the write.</summary>
internal abstract record MemberOutput
{
    private MemberOutput() { }

    /// <summary>Whole frames for the mesh stream.</summary>
    internal sealed record Send(NodeId Peer, ReadOnlyMemory<byte> Frames) : MemberOutput;

    /// <summary>Connect, by addresses and relays; <see cref="NetworkMember.HandleConnected"/> or <see cref="NetworkMember.HandleConnectFailed"/> answers.</summary>
    /// <param name="Peer">Whom.</param>
    /// <param name="IsLink">Whether it is to be a link of the mesh; where not, the way may lead over other members.</param>
    internal sealed record Connect(NodeId Peer, bool IsLink = true) : MemberOutput;

    /// <summary>What became of <see cref="NetworkMember.LookUp(NodeId, TimeSpan)"/>.</summary>
    internal sealed record LookedUp(ulong Number, DirectoryOutcome Outcome) : MemberOutput;

    /// <summary>Find out at once whether this peer still answers.</summary>
    internal sealed record Probe(NodeId Peer) : MemberOutput;

    /// <summary>Close the connection after what was sent, or keep it, by the reason; <see cref="NetworkMember.HandleDisconnected"/> follows if it is closed.</summary>
    internal sealed record Disconnect(NodeId Peer, MemberDisconnect Reason) : MemberOutput;

    /// <summary>The peer is a member: its streams may go to the app.</summary>
    internal sealed record Verified(NodeId Peer) : MemberOutput;

    /// <summary>One transaction, to be stored in the order of the numbers; <see cref="NetworkMember.HandleStored"/> or <see cref="NetworkMember.HandleStoreFailed"/> answers.</summary>
    internal sealed record Write(ulong Number, IReadOnlyList<MemberRow> Rows) : MemberOutput;

    /// <summary>A ticket is stored and can be handed out.</summary>
    internal sealed record Invited(Ticket Ticket) : MemberOutput;

    /// <summary>A frame on a channel of the join protocol.</summary>
    internal sealed record JoinSend(ulong Channel, JoinFrame Frame) : MemberOutput;

    /// <summary>The join protocol is over on a channel: the connection stays if the peer is a member now.</summary>
    internal sealed record JoinFinish(ulong Channel, bool IsMember) : MemberOutput;

    internal sealed record Happened(MemberEvent Event) : MemberOutput;
}
