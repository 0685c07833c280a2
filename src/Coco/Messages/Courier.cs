using Coco.Hosting;
using Coco.Transport;

namespace Coco.Messages;

/// <summary>Carries the messages of one queue to their receiver, on one stream, as long as there are any and a while longer.</summary>
internal sealed class Courier(Outbox outbox, MessageJournal journal, SessionPool<MessageSession> sessions, MemberLoop loop)
{
    // Chosen: what one write takes from the queue; the peer has it in its buffers while the next is made.
    private const int WriteSize = 128 << 10;
    private const int IdleTicks = 20;

    private readonly AsyncSignal _signal = new();
    private ConnectionStream? _stream;
    private Transport.Connection? _association;
    private bool _isOver;
    private int _idleTicks;

    /// <summary>There is something to send.</summary>
    public void Wake() => _signal.Set();

    /// <summary>Once a second: ends what is of no use any more. A peer that was killed and has come back has called on a new association, long before the
    /// old one is known to be lost.</summary>
    public void Tick()
    {
        if (_association is { } used && loop.Connections.TryGetValue(outbox.Peer, out var current) && current != used) { _stream?.Abort((ulong)WireError.Unused); }
        if (journal.StateOf(outbox).Count > 0) { Volatile.Write(ref _idleTicks, 0); }
        else if (Interlocked.Increment(ref _idleTicks) > IdleTicks) { _signal.Set(); }
    }

    public void Stop() => _stream?.Abort((ulong)WireError.Unused);

    /// <summary>Until there is nothing more to carry.</summary>
    /// <exception cref="CocoException">The receiver cannot be reached.</exception>
    /// <exception cref="TransportException">The connection was lost.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var session = await sessions.UseAsync(outbox.Peer, cancellationToken).ConfigureAwait(false);
        try
        {
            var header = StreamHeader.Of(StreamKind.Message, session.Connection.Number, (ulong)MessageStreamType.Messages);
            var stream = await session.Connection.OpenWithAsync(header, cancellationToken).ConfigureAwait(false);
            (_association, _stream) = (session.Connection.Association, stream);
            await using (stream.ConfigureAwait(false))
            {
                await CarryAsync(stream, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            sessions.Release(session);
        }
    }

    private async Task CarryAsync(ConnectionStream stream, CancellationToken cancellationToken)
    {
        using var frames = new FrameBuffer();
        using var reader = new FrameReader(stream, maxBody: 1024);
        WriteBegin(frames);
        await stream.WriteAsync(frames.Written, cancellationToken).ConfigureAwait(false);
        if (await HearFirstAsync(reader).ConfigureAwait(false) is not { } upTo || !journal.TryResume(outbox, upTo))
        {
            stream.Abort((ulong)WireError.Unused);
            return;
        }
        journal.Acknowledge(outbox, upTo);
        var hearing = HearAsync(reader, stream);
        try
        {
            await SendAsync(stream, frames, cancellationToken).ConfigureAwait(false);
            await stream.CompleteWritesAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            stream.Abort((ulong)WireError.Unused);
            throw;
        }
        finally
        {
            await hearing.ConfigureAwait(false);
        }
    }

    private void WriteBegin(FrameBuffer frames)
    {
        Span<byte> lineage = stackalloc byte[sizeof(ulong)];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(lineage, journal.StateOf(outbox).Lineage);
        frames.Write(MessageFrameType.Begin, [1], lineage);
    }

    private async Task SendAsync(ConnectionStream stream, FrameBuffer frames, CancellationToken cancellationToken)
    {
        while (!Volatile.Read(ref _isOver) && !cancellationToken.IsCancellationRequested)
        {
            frames.Clear();
            if (journal.Collect(outbox, frames, WriteSize) > 0) { await stream.WriteAsync(frames.Written, cancellationToken).ConfigureAwait(false); }
            else if (Volatile.Read(ref _idleTicks) > IdleTicks) { return; }
            else { await _signal.WaitAsync(cancellationToken).ConfigureAwait(false); }
        }
    }

    private static async Task<ulong?> HearFirstAsync(FrameReader reader)
    {
        while (await reader.ReadAsync().ConfigureAwait(false))
        {
            while (reader.TryTake(out var type, out var body))
            {
                if (type is MessageFrameType.Have && TryReadNumber(body, out var upTo)) { return upTo; }
            }
        }
        return null;
    }

    private async Task HearAsync(FrameReader reader, ConnectionStream stream)
    {
        try
        {
            while (await reader.ReadAsync().ConfigureAwait(false))
            {
                var stored = 0ul;
                while (reader.TryTake(out var type, out var body))
                {
                    if (type is MessageFrameType.Stored && TryReadNumber(body, out var upTo)) { stored = Math.Max(stored, upTo); }
                }
                if (stored == 0) { continue; }
                journal.Acknowledge(outbox, stored);
                _signal.Set();
            }
        }
        catch (Exception exception) when (exception is TransportException or ObjectDisposedException)
        {
            // The stream is over, which whoever writes is told.
        }
        Volatile.Write(ref _isOver, true);
        _signal.Set();
        stream.Abort((ulong)WireError.Unused);
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> body, out ulong number) => Quic.Packets.VarInt.TryRead(body, out number, out _);
}
