using Coco.Crypto;
using Coco.Hosting;
using Coco.Telemetry;
using Coco.Transport;

namespace Coco.Tunnels;

/// <summary>Datagrams between one local address and what stands behind a service. It lives as long as its stream, on which nothing is said.</summary>
/// <param name="session">The session.</param>
/// <param name="number">The flow's number there.</param>
/// <param name="stream">The stream.</param>
/// <param name="counters">Where its datagrams are counted.</param>
/// <param name="time">The clock.</param>
/// <param name="deliver">Takes the peer's datagrams; says whether it could.</param>
internal sealed class DatagramFlow(
    TunnelSession session, ulong number, ConnectionStream stream, TunnelCounters counters, TimeProvider time, Func<ReadOnlySpan<byte>, bool> deliver) : ITunnelPart
{
    private long _active = time.GetTimestamp();
    private ushort _nextId;

    public ulong Number => number;

    public NodeId Peer => session.Connection.PeerId;

    /// <summary>How long nothing has gone either way.</summary>
    public TimeSpan Idle => time.GetElapsedTime(Interlocked.Read(ref _active));

    public void Abort() => stream.Abort((ulong)WireError.TunnelReset);

    /// <summary>Completes when either side has ended the flow.</summary>
    public async Task WaitForEndAsync()
    {
        TunnelMetrics.Began(counters.IsServed);
        try
        {
            await stream.ReadAsync(new byte[1]).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TransportException or ObjectDisposedException)
        {
            // So it has ended.
        }
        TunnelMetrics.Ended(counters.IsServed);
        stream.Abort((ulong)WireError.TunnelReset);
    }

    /// <summary>Sends what stands in the buffer from <paramref name="at"/> on. The bytes before, <see cref="FlowHeader.MaxLength"/> of them, are overwritten, and
    /// maybe those that are sent. Not from several threads at once. False where it is lost here already.</summary>
    public bool Send(byte[] buffer, int at, int length)
    {
        Touch();
        counters.AddToPeer(length);
        var header = new FlowHeader(number);
        var room = session.Connection.MaxDatagramLength;
        if (header.Length + length <= room ? TrySend(header, buffer, at, length) : TrySendPieces(buffer, at, length, room)) { return true; }
        counters.AddLost();
        return false;
    }

    /// <summary>A datagram of the peer's.</summary>
    public void Handle(ReadOnlySpan<byte> datagram)
    {
        Touch();
        counters.AddFromPeer(datagram.Length);
        if (!deliver(datagram)) { counters.AddLost(); }
    }

    private bool TrySendPieces(byte[] buffer, int at, int length, int room)
    {
        var header = new FlowHeader(number, _nextId++, 0, 2, (ushort)length);
        var most = room - header.Length;
        if (most <= 0 || (length + most - 1) / most is var count && count > FlowHeader.MaxCount) { return false; }
        header = header with { Count = (byte)Math.Max(2, count) };
        for (var i = 0; i < header.Count; i++)
        {
            var piece = header with { Index = (byte)i };
            if (piece.Size <= 0 || !TrySend(piece, buffer, at + piece.Offset, piece.Size)) { return false; }
        }
        return true;
    }

    // The header goes before the bytes, where those are that were sent already.
    private bool TrySend(FlowHeader header, byte[] buffer, int at, int length)
    {
        var begin = at - header.Length;
        header.Write(buffer.AsSpan(begin));
        return session.Connection.TrySendDatagram(buffer.AsSpan(begin, header.Length + length));
    }

    private void Touch() => Interlocked.Exchange(ref _active, time.GetTimestamp());
}
