using Coco.Lab.Simulated;
using Coco.Quic.Congestion;
using Coco.Traversal.Links;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>The dull half of a small program: queues for what goes out, and nothing done about what comes in.</summary>
internal abstract class TestProgram : ISimulatedProgram
{
    private readonly Queue<(LinkTransmit Transmit, byte[] Data)> _transmits = [];
    private readonly Queue<HostCommand> _commands = [];

    public TimeSpan? Deadline { get; protected set; }

    public NetworkSnapshot? Network { get; private set; }

    /// <summary>The socket for IPv4.</summary>
    public int Socket => Network!.Sockets.First(socket => socket.IsIpv4).Number;

    public virtual void HandleNetwork(NetworkSnapshot snapshot, TimeSpan now) => Network = snapshot;

    public void HandleDatagrams(in Link link, Span<byte> data, int segmentSize, EcnCodepoint ecn, TimeSpan now) => HandleDatagram(link, data.ToArray(), now);

    public virtual void HandleLinkOpened(int request, in Link link, TimeSpan now)
    {
    }

    public virtual void HandleLinkAccepted(in Link link, TimeSpan now)
    {
    }

    public virtual void HandleLinkFailed(int request, LinkFailure failure, TimeSpan now)
    {
    }

    public virtual void HandleLinkClosed(in Link link, TimeSpan now)
    {
    }

    public virtual void HandleSocketsOpened(int request, ReadOnlySpan<LocalSocket> sockets, TimeSpan now)
    {
    }

    public virtual void HandleTimeout(TimeSpan now)
    {
    }

    public bool TryTakeTransmit(Span<byte> buffer, TimeSpan now, out LinkTransmit transmit)
    {
        transmit = default;
        if (!_transmits.TryDequeue(out var next)) { return false; }
        next.Data.CopyTo(buffer);
        transmit = next.Transmit;
        return true;
    }

    public bool TryTakeCommand(out HostCommand? command) => _commands.TryDequeue(out command);

    protected virtual void HandleDatagram(Link link, byte[] data, TimeSpan now)
    {
    }

    protected void Send(Link link, byte[] data, byte hopLimit = 0) =>
        _transmits.Enqueue((new(link, data.Length, data.Length, HopLimit: hopLimit), data));

    protected void Ask(HostCommand command) => _commands.Enqueue(command);
}
