using System.Buffers.Binary;
using Coco.Traversal.Links;

namespace Coco.Traversal.Relays;

/// <summary>The data path: nothing is allocated, copied or queued; a batch comes, its session numbers are swapped, runs of it go out.</summary>
internal sealed partial class RelayServer
{
    private static readonly TimeSpan UnverifiedInterval = TimeSpan.FromSeconds(1);

    private readonly long[] _dropped = new long[Enum.GetValues<RelayDropReason>().Length];
    private readonly Queue<RelayServerClient> _unverified = [];
    private RelayRun[] _runs = new RelayRun[64];
    private int _runCount;
    private int _nextRun;
    private long _packets;
    private long _bytes;

    /// <summary>Datagrams that begin with 0x05 and came together: all of <paramref name="segmentSize"/> bytes but the last. Take what is to
    /// be forwarded before the next batch; what is not taken then is lost.</summary>
    public void HandleDatagrams(in Link from, Span<byte> data, int segmentSize, TimeSpan now)
    {
        (_runCount, _nextRun) = (0, 0);
        if (segmentSize <= 0) { return; }
        segmentSize = Math.Min(segmentSize, data.Length);
        var current = 0ul;
        RelayLeg? leg = null;
        for (var offset = 0; offset < data.Length; offset += segmentSize)
        {
            var datagram = data.Slice(offset, Math.Min(segmentSize, data.Length - offset));
            if (datagram.Length > RelayDatagram.MaxLength || !RelayDatagram.TryReadHeader(datagram, out var session))
            {
                _dropped[(int)RelayDropReason.Malformed]++;
                continue;
            }
            if (session != current)
            {
                current = session;
                leg = FindSender(session, from, now);
            }
            if (!TryCharge(leg, datagram.Length)) { continue; }
            BinaryPrimitives.WriteUInt64BigEndian(datagram[1..], leg!.Other.Number);
            Append(leg.Other.Client, offset, datagram.Length);
        }
    }

    /// <summary>Takes datagrams for one client out of the batch just handed in: <c>data[offset..]</c>.</summary>
    public bool TryTakeForward(out LinkTransmit transmit, out int offset)
    {
        if (_nextRun == _runCount)
        {
            (transmit, offset) = (default, 0);
            return false;
        }
        ref var run = ref _runs[_nextRun++];
        (transmit, offset) = (new(run.Target.Link, run.Length, run.SegmentSize), run.Offset);
        return true;
    }

    /// <summary>Takes a link from which data came with a client's session although its control connection is elsewhere: the client may have
    /// moved, and the host should validate that link by its control connection. Until <see cref="HandleLinkChanged"/> nothing goes there.</summary>
    public bool TryTakeUnverified(out int client, out Link link)
    {
        while (_unverified.TryDequeue(out var next))
        {
            next.IsUnverifiedReported = true;
            if (next.IsCut || next.Unverified == next.Link || !_clients.ContainsKey(next.Number)) { continue; }
            (client, link) = (next.Number, next.Unverified);
            return true;
        }
        (client, link) = (-1, default);
        return false;
    }

    private RelayLeg? FindSender(ulong session, in Link from, TimeSpan now)
    {
        if (_sessions.Find(session) is not { } leg) { return null; }
        var sender = leg.Client;
        sender.Account.Refill(now);
        PayerOf(leg)?.Refill(now);
        _sessions.Touch(leg.Session, now);
        if (from != sender.Link && sender.IsUnverifiedReported && now >= sender.NextUnverified)
        {
            sender.Unverified = from;
            sender.NextUnverified = now + UnverifiedInterval;
            sender.IsUnverifiedReported = false;
            _unverified.Enqueue(sender);
        }
        return leg;
    }

    // A stranger is somebody's guest: whoever it talks to has it on its account.
    private static RelayAccount? PayerOf(RelayLeg leg) => leg.Client.IsStranger ? leg.Other.Client.NetworkAccount : leg.Client.NetworkAccount;

    // The sender pays, for all its control connections and for its network.
    private bool TryCharge(RelayLeg? leg, int length)
    {
        RelayDropReason reason;
        if (leg is null) { reason = RelayDropReason.UnknownSession; }
        else
        {
            var (account, network) = (leg.Client.Account, PayerOf(leg));
            if (!account.HasMonth(length)) { reason = RelayDropReason.ClientMonth; }
            else if (!account.Has(length)) { reason = RelayDropReason.ClientRate; }
            else if (network is not null && !network.HasMonth(length)) { reason = RelayDropReason.NetworkMonth; }
            else if (network is not null && !network.Has(length)) { reason = RelayDropReason.NetworkRate; }
            else
            {
                account.Take(length);
                network?.Take(length);
                _meter?.Count(leg, length);
                _packets++;
                _bytes += length;
                return true;
            }
        }
        _dropped[(int)reason]++;
        return false;
    }

    private void Append(RelayServerClient target, int offset, int length)
    {
        if (_runCount > 0)
        {
            ref var last = ref _runs[_runCount - 1];
            if (last.Target == target && last.Offset + last.Length == offset)
            {
                last.Length += length;
                return;
            }
        }
        if (_runCount == _runs.Length) { Array.Resize(ref _runs, 2 * _runs.Length); }
        // The first of a run is of the batch's segment size, or is the last of the batch and alone.
        _runs[_runCount++] = new(target, offset, length, SegmentSize: length);
    }
}
