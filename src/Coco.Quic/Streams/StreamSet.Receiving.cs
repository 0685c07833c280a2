using Coco.Quic.Packets;

namespace Coco.Quic.Streams;

internal sealed partial class StreamSet
{
    private const ulong MaxStreams = 1UL << 60;

    /// <summary>RFC 9000 §19.8.</summary>
    public QuicErrorCode HandleStream(long id, ulong offset, ReadOnlySpan<byte> data, bool fin)
    {
        if (!CanReceive(id)) { return QuicErrorCode.StreamStateError; }
        if (offset > VarInt.Max - (ulong)data.Length) { return QuicErrorCode.FrameEncodingError; }
        var error = Resolve(id, out var entry);
        if (entry is null) { return error; }

        var receive = entry.Receive!;
        error = CheckAndCount(receive, (long)offset + data.Length, fin);
        if (error is not QuicErrorCode.NoError) { return error; }

        _receiveRanges -= receive.Buffer.RangeCount;
        var isNews = receive.HandleStream((long)offset, data, fin, _pool);
        _receiveRanges += receive.Buffer.RangeCount;
        // Credit for a stream whose size is known, or a request to stop it, would say nothing (RFC 9000 §3.2).
        if (fin) { ClearControl(entry, PendingControl.MaxStreamData | PendingControl.StopSending); }
        if (isNews)
        {
            Raise(entry, StreamEventKind.Readable);
        }
        else if (receive.IsStopped)
        {
            Consume(entry);
            CheckEnded(entry);
        }
        // Beyond the cap the peer is at fault or the path is hopeless: either way, remembering more is not our duty.
        return _receiveRanges > _options.MaxReceiveRanges ? QuicErrorCode.InternalError : QuicErrorCode.NoError;
    }

    /// <summary>RFC 9000 §19.4.</summary>
    public QuicErrorCode HandleResetStream(long id, ulong code, ulong finalSize)
    {
        if (!CanReceive(id)) { return QuicErrorCode.StreamStateError; }
        var error = Resolve(id, out var entry);
        if (entry is null) { return error; }

        var receive = entry.Receive!;
        error = CheckAndCount(receive, (long)finalSize, isFinal: true);
        if (error is not QuicErrorCode.NoError) { return error; }

        var ranges = receive.Buffer.RangeCount;
        if (!receive.HandleReset(code, (long)finalSize, _pool)) { return QuicErrorCode.NoError; }
        _receiveRanges -= ranges;
        ClearControl(entry, PendingControl.MaxStreamData | PendingControl.StopSending);
        TakeBack(entry, StreamEventKind.Readable);
        Consume(entry);
        if (receive.IsStopped)
        {
            // The application stopped listening first: there is nobody to tell.
            receive.OnResetRead();
            CheckEnded(entry);
        }
        else
        {
            Raise(entry, StreamEventKind.Reset);
        }
        return QuicErrorCode.NoError;
    }

    /// <summary>RFC 9000 §19.5, §3.5: answered with RESET_STREAM and the same code.</summary>
    public QuicErrorCode HandleStopSending(long id, ulong code)
    {
        if (!CanSend(id)) { return QuicErrorCode.StreamStateError; }
        var error = Resolve(id, out var entry);
        if (entry is not null) { Reset(entry, code, stoppedByPeer: true); }
        return error;
    }

    /// <summary>RFC 9000 §19.9. Limits only ever rise: an older frame that arrives late means nothing (§4.1).</summary>
    public QuicErrorCode HandleMaxData(ulong max)
    {
        if ((long)max > _sendLimit)
        {
            _sendLimit = (long)max;
            _control &= ~PendingControl.DataBlocked;
            CheckConnectionBlocked();
        }
        return QuicErrorCode.NoError;
    }

    /// <summary>RFC 9000 §19.10.</summary>
    public QuicErrorCode HandleMaxStreamData(long id, ulong max)
    {
        if (!CanSend(id)) { return QuicErrorCode.StreamStateError; }
        var error = Resolve(id, out var entry);
        if (entry?.Send is { } send && (long)max > send.Limit)
        {
            send.RaiseLimit((long)max);
            ClearControl(entry, PendingControl.StreamDataBlocked);
            UpdateSending(entry);
        }
        return error;
    }

    /// <summary>RFC 9000 §19.11.</summary>
    public QuicErrorCode HandleMaxStreams(bool bidirectional, ulong max)
    {
        if (max > MaxStreams) { return QuicErrorCode.FrameEncodingError; }
        if (bidirectional)
        {
            RaiseOpenLimit(ref _localBidirectional, (long)max, StreamEventKind.CanOpenBidirectional);
        }
        else
        {
            RaiseOpenLimit(ref _localUnidirectional, (long)max, StreamEventKind.CanOpenUnidirectional);
        }
        return QuicErrorCode.NoError;
    }

    /// <summary>RFC 9000 §19.12. Says nothing we act on: our windows follow our own reader.</summary>
    public static QuicErrorCode HandleDataBlocked(ulong limit) =>
        limit > VarInt.Max ? QuicErrorCode.FrameEncodingError : QuicErrorCode.NoError;

    /// <summary>RFC 9000 §19.13. It may open a stream, like any frame about one.</summary>
    public QuicErrorCode HandleStreamDataBlocked(long id, ulong limit)
    {
        if (!CanReceive(id)) { return QuicErrorCode.StreamStateError; }
        return limit > VarInt.Max ? QuicErrorCode.FrameEncodingError : Resolve(id, out _);
    }

    /// <summary>RFC 9000 §19.14. What has closed since is credited at once, not by the batch.</summary>
    public QuicErrorCode HandleStreamsBlocked(bool bidirectional, ulong limit)
    {
        if (limit > MaxStreams) { return QuicErrorCode.FrameEncodingError; }
        ref var counter = ref bidirectional ? ref _peerBidirectional : ref _peerUnidirectional;
        if (counter.Next > counter.Limit)
        {
            _control |= bidirectional ? PendingControl.MaxStreamsBidirectional : PendingControl.MaxStreamsUnidirectional;
        }
        return QuicErrorCode.NoError;
    }

    private QuicErrorCode CheckAndCount(ReceiveStream receive, long end, bool isFinal)
    {
        var error = receive.Check(end, isFinal, _receiveWindow.Limit - _received);
        if (error is QuicErrorCode.NoError && end > receive.Highest) { _received += end - receive.Highest; }
        return error;
    }

    private void RaiseOpenLimit(ref StreamCounter counter, long limit, StreamEventKind kind)
    {
        if (limit <= counter.Limit) { return; }

        var wasRefused = counter.WasRefused;
        counter.Limit = limit;
        counter.WasRefused = false;
        _control &= ~(kind is StreamEventKind.CanOpenBidirectional
            ? PendingControl.StreamsBlockedBidirectional
            : PendingControl.StreamsBlockedUnidirectional);
        if (wasRefused) { _connectionEvents |= 1u << (int)kind; }
    }
}
