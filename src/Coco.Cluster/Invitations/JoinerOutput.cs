namespace Coco.Cluster.Invitations;

/// <summary>What a <see cref="Joiner"/> wants done.</summary>
internal abstract record JoinerOutput
{
    private JoinerOutput()
    {
    }

    /// <summary>Connect to a sponsor with the node's own key, then call <see cref="Joiner.HandleChannel"/> or <see cref="Joiner.HandleChannelClosed"/>.</summary>
    public sealed record Connect(TicketSponsor Sponsor) : JoinerOutput;

    /// <summary>Send a frame on the channel.</summary>
    public sealed record Send(JoinFrame Frame) : JoinerOutput;

    /// <summary>Give the channel, or the attempt to make one, up.</summary>
    public sealed record Close : JoinerOutput;

    /// <summary>The node belongs to the network: keep the certificate and the statements. The channel stays.</summary>
    public sealed record Joined(ReadOnlyMemory<byte> Certificate, IReadOnlyList<ReadOnlyMemory<byte>> Statements) : JoinerOutput;

    /// <summary>It does not, and why.</summary>
    public sealed record Failed(JoinRefusal Reason) : JoinerOutput;
}
