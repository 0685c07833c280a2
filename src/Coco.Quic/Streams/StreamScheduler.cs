using System.Numerics;

namespace Coco.Quic.Streams;

/// <summary>
/// Which stream sends next. Lower urgency goes first (RFC 9218 §4.1). Within an urgency, streams with lost data go before those
/// with new data (RFC 9000 §13.3), otherwise in the order they became ready: an incremental stream gives way after
/// <see cref="Turn"/> bytes, one that is not goes on until it has nothing to send. Every operation is O(1).
/// </summary>
internal sealed class StreamScheduler(StreamPool pool)
{
    /// <summary>
    /// One block of data: long enough to stay in the cache, short enough that a hundred streams take turns every 1.6 MB.
    /// </summary>
    public const int Turn = StreamPool.BlockSize;

    private const int Urgencies = 8;
    private const int Fresh = 0;
    private const int Retransmit = Urgencies;
    private const int NotListed = -1;

    private StreamList[]? _lists; // while any stream is listed
    private uint _occupied; // a bit per list: new data by urgency, then lost data by urgency

    public bool HasRetransmit => _occupied >> Retransmit != 0;

    public bool HasFresh => (_occupied & 0xFF) != 0;

    public StreamEntry? Pick(bool canSendFresh)
    {
        var retransmit = _occupied >> Retransmit;
        var ready = canSendFresh ? retransmit | (_occupied & 0xFF) : retransmit;
        if (ready == 0) { return null; }

        var urgency = BitOperations.TrailingZeroCount(ready);
        return _lists![(retransmit >> urgency & 1) != 0 ? Retransmit + urgency : urgency].First;
    }

    /// <summary>Puts a stream where its state says, or takes it out.</summary>
    public void Update(StreamEntry entry)
    {
        var send = entry.Send!;
        var list = send.HasRetransmit ? Retransmit + entry.Urgency : send.HasFresh ? Fresh + entry.Urgency : NotListed;
        if (entry.Sending.IsLinked)
        {
            if (entry.SendingList == list) { return; }
            Remove(entry);
        }
        if (list == NotListed) { return; }

        _lists ??= pool.RentLists(2 * Urgencies);
        _lists[list].AddLast(entry.Sending);
        _occupied |= 1u << list;
        entry.SendingList = list;
        entry.SentInTurn = 0;
    }

    /// <summary>Ends the turn of the stream that was picked, if it has had it.</summary>
    public void OnSent(StreamEntry entry, int count)
    {
        entry.SentInTurn += count;
        if (entry.SentInTurn < Turn || !entry.IsIncremental || !entry.Sending.IsLinked) { return; }

        entry.SentInTurn = 0;
        ref var list = ref _lists![entry.SendingList];
        // It stands last already when it has just moved from lost to new data.
        if (list.First == entry) { list.MoveFirstToLast(); }
    }

    public void Remove(StreamEntry entry)
    {
        if (!entry.Sending.IsLinked) { return; }

        ref var list = ref _lists![entry.SendingList];
        list.Remove(entry.Sending);
        if (!list.IsEmpty) { return; }
        _occupied &= ~(1u << entry.SendingList);
        if (_occupied != 0) { return; }
        pool.Return(_lists);
        _lists = null;
    }
}
