using System.Buffers;
using System.Threading.Channels;
using Coco.Transport.Loop;

namespace Coco.Transport;

/// <summary>Unreliable datagrams (RFC 9221), each way through a short queue, so that neither side waits for the loop each time.</summary>
public sealed partial class Connection
{
    // Chosen: some milliseconds at full speed; more would be delay, which datagrams are meant to avoid.
    private const int DatagramQueueLength = 256;

    private Channel<Datagram>? _received;
    private Channel<Datagram>? _toSend;
    private DatagramSide? _datagramSide;
    private int _areDatagramsPosted;

    /// <summary>Hands waiting datagrams to the core, as many as it takes. True when it took one.</summary>
    internal bool SendQueuedDatagrams()
    {
        var any = false;
        while (Volatile.Read(ref _toSend) is { } queue && queue.Reader.TryPeek(out var next))
        {
            var isSent = IsOpen && _core.Quic!.TrySendDatagram(next.Span);
            if (!isSent && IsOpen && next.Length <= _core.Quic!.MaxDatagramLength)
            {
                _loop.TryAgainAfterFlush(this);
                break;
            }
            // Not sent here: the path takes less than it did, or the connection is over.
            queue.Reader.TryRead(out _);
            next.Return();
            any |= isSent;
        }
        return any;
    }

    private bool TrySend(ReadOnlySpan<byte> data)
    {
        if (data.Length > MaxDatagramLength || Volatile.Read(ref _failure) is not null) { return false; }
        if (_loop.IsCurrent && IsOpen && Volatile.Read(ref _toSend) is not { Reader.Count: > 0 }) { return _core.Quic!.TrySendDatagram(data); }
        var datagram = Datagram.Copy(data);
        if (!ToSend().Writer.TryWrite(datagram))
        {
            datagram.Return();
            return false;
        }
        PostDatagrams();
        return true;
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!TrySend(data.Span))
        {
            if (Volatile.Read(ref _failure) is not null) { throw (await Closed.ConfigureAwait(false)).ToException(PeerId); }
            if (data.Length > MaxDatagramLength)
            {
                throw new ArgumentException($"The datagram has {data.Length} bytes; {MaxDatagramLength} can be sent now.", nameof(data));
            }
            await ToSend().Writer.WaitToWriteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private ValueTask<int> ReceiveAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) { return ValueTask.FromCanceled<int>(cancellationToken); }
        var queue = Received();
        return queue.Reader.TryRead(out var datagram) ? new(datagram.MoveTo(destination.Span)) : WaitForDatagram(queue, destination, cancellationToken);
    }

    private async ValueTask<int> WaitForDatagram(Channel<Datagram> queue, Memory<byte> destination, CancellationToken cancellationToken)
    {
        try
        {
            var datagram = await queue.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            return datagram.MoveTo(destination.Span);
        }
        catch (ChannelClosedException)
        {
            throw (await Closed.ConfigureAwait(false)).ToException(PeerId);
        }
    }

    private void TakeDatagrams()
    {
        if (_core.Quic is not { } quic) { return; }
        var queue = Received();
        while (true)
        {
            var isEmptyOne = quic.TryReceiveDatagram([], out var length);
            if (!isEmptyOne && length == 0) { return; }
            var datagram = Datagram.Rent(length);
            if (!isEmptyOne) { quic.TryReceiveDatagram(datagram.Room, out _); }
            if (!queue.Writer.TryWrite(datagram)) { datagram.Return(); }
        }
    }

    private Channel<Datagram> Received()
    {
        if (Volatile.Read(ref _received) is { } existing) { return existing; }
        var made = Channel.CreateBounded<Datagram>(
            new BoundedChannelOptions(DatagramQueueLength)
            {
                FullMode = BoundedChannelFullMode.DropOldest,
                SingleWriter = true,
                AllowSynchronousContinuations = _loop.Options.InlineContinuations,
            },
            static dropped =>
            {
                dropped.Return();
                TransportMetrics.DatagramDropped();
            });
        return Publish(ref _received, made);
    }

    private Channel<Datagram> ToSend()
    {
        if (Volatile.Read(ref _toSend) is { } existing) { return existing; }
        var made = Channel.CreateBounded<Datagram>(new BoundedChannelOptions(DatagramQueueLength)
        {
            SingleReader = true,
            AllowSynchronousContinuations = _loop.Options.InlineContinuations,
        });
        return Publish(ref _toSend, made);
    }

    private Channel<Datagram> Publish(ref Channel<Datagram>? field, Channel<Datagram> made)
    {
        var used = Interlocked.CompareExchange(ref field, made, null) ?? made;
        if (Volatile.Read(ref _failure) is not null) { used.Writer.TryComplete(); }
        return used;
    }

    private void FailDatagrams()
    {
        Volatile.Read(ref _received)?.Writer.TryComplete();
        if (Volatile.Read(ref _toSend) is not { } queue) { return; }
        queue.Writer.TryComplete();
        while (queue.Reader.TryRead(out var datagram)) { datagram.Return(); }
    }

    private void PostDatagrams()
    {
        var side = _datagramSide ?? Interlocked.CompareExchange(ref _datagramSide, new(this), null) ?? _datagramSide;
        if (Interlocked.Exchange(ref _areDatagramsPosted, 1) == 0) { _loop.Post(side); }
    }

    private sealed class DatagramSide(Connection connection) : ILoopItem
    {
        public void Run(TimeSpan now)
        {
            Interlocked.Exchange(ref connection._areDatagramsPosted, 0);
            connection.SendQueuedDatagrams();
        }

        public void Refuse() => connection.FailDatagrams();
    }

    /// <summary>A datagram in a buffer of the pool.</summary>
    private readonly record struct Datagram(byte[] Buffer, int Length)
    {
        public ReadOnlySpan<byte> Span => Buffer.AsSpan(0, Length);

        public Span<byte> Room => Buffer.AsSpan(0, Length);

        public static Datagram Rent(int length) => new(ArrayPool<byte>.Shared.Rent(length), length);

        public static Datagram Copy(ReadOnlySpan<byte> data)
        {
            var datagram = Rent(data.Length);
            data.CopyTo(datagram.Room);
            return datagram;
        }

        public int MoveTo(Span<byte> destination)
        {
            var count = Math.Min(Length, destination.Length);
            Span[..count].CopyTo(destination);
            Return();
            return count;
        }

        public void Return() => ArrayPool<byte>.Shared.Return(Buffer);
    }
}
