namespace Coco.Tunnels;

/// <summary>What one program sends, as datagrams, to one service. The first datagrams wait until the peer has agreed.</summary>
/// <param name="counters">Where its datagrams are counted.</param>
/// <param name="deliver">Takes the peer's datagrams; says whether it could.</param>
/// <param name="agreed">Told when the peer has agreed.</param>
internal sealed class LocalFlow(TunnelCounters counters, Func<ReadOnlySpan<byte>, bool> deliver, Action? agreed = null)
{
    // Chosen: what a program sends within some round trips.
    private const int MaxWaiting = 64;

    private readonly Lock _lock = new(); // guards the two below, and sending
    private Queue<byte[]>? _waiting = new();
    private DatagramFlow? _flow;

    /// <summary>Sends to the program; says whether it could.</summary>
    public Func<ReadOnlySpan<byte>, bool> Deliver => deliver;

    /// <summary>Sends what the program has sent, as <see cref="DatagramFlow.Send"/>.</summary>
    public bool Send(byte[] buffer, int at, int length)
    {
        lock (_lock)
        {
            if (_flow is not null) { return _flow.Send(buffer, at, length); }
            if (_waiting is { Count: < MaxWaiting })
            {
                _waiting.Enqueue(buffer.AsSpan(at - FlowHeader.MaxLength, FlowHeader.MaxLength + length).ToArray());
                return true;
            }
        }
        counters.AddLost();
        return false;
    }

    /// <summary>The peer has agreed.</summary>
    public void Begin(DatagramFlow flow)
    {
        lock (_lock)
        {
            _flow = flow;
            while (_waiting!.TryDequeue(out var datagram)) { flow.Send(datagram, FlowHeader.MaxLength, datagram.Length - FlowHeader.MaxLength); }
            _waiting = null;
        }
        agreed?.Invoke();
    }
}
