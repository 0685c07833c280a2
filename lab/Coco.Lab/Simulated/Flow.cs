namespace Coco.Lab.Simulated;

/// <summary>A flow as Linux's connection tracking knows it: what the packets of the first direction look like before translation, and
/// what their answers look like before they are translated back.</summary>
internal sealed class Flow(FlowKey original, FlowKey reply, TimeSpan now)
{
    // nf_conntrack: a UDP flow is a stream when it has been answered and is older than this.
    private static readonly TimeSpan StreamAge = TimeSpan.FromSeconds(2);

    // nf_conntrack_tcp_timeout_syn_sent.
    private static readonly TimeSpan SynTimeout = TimeSpan.FromSeconds(120);

    private bool _isAnswered;

    public FlowKey Original { get; } = original;

    public FlowKey Reply { get; } = reply;

    public TimeSpan Expires { get; private set; }

    /// <summary>A packet passes: the flow lives on.</summary>
    public void Refresh(bool isReply, RouterOptions options, TimeSpan at)
    {
        _isAnswered |= isReply;
        Expires = at + (Original.Protocol, _isAnswered) switch
        {
            (PacketProtocol.Tcp, true) => options.TcpTimeout,
            (PacketProtocol.Tcp, false) => SynTimeout,
            (_, true) when at - now > StreamAge => options.StreamTimeout,
            _ => options.UnrepliedTimeout,
        };
    }

    /// <summary>The packet with the addresses it has behind the router.</summary>
    public SimulatedPacket Translate(SimulatedPacket packet, bool isReply)
    {
        var (source, destination) = isReply ? (Original.Destination, Original.Source) : (Reply.Destination, Reply.Source);
        return packet with { Source = source, Destination = destination };
    }
}
