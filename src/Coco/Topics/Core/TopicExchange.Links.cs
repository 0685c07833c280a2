using Coco.Crypto;

namespace Coco.Topics.Core;

/// <content>Links: made, lost, and what comes on them.</content>
internal sealed partial class TopicExchange
{
    private const byte WireVersion = 1;

    // Chosen: a peer that just called is there again at once; one that is off is not asked all the time.
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MaxRetry = TimeSpan.FromSeconds(30);

    // Chosen: frames that a peer cannot be sent yet; what is beyond is lost, and found again by digest.
    private const int MaxOwed = 1 << 20;

    private readonly HashSet<TopicPeer> _retrying = [];

    /// <summary>Bytes a frame's body may have.</summary>
    private int MaxFrame => _options.MaxMessageLength + _options.MaxTopicLength + 64 * 1024;

    /// <summary>A stream is open, whoever opened it. Null where it is to be given up, as there is another.</summary>
    public TopicLink? HandleLinkUp(NodeId node, bool isOurs, object association, TimeSpan now, long wall)
    {
        Enter(now, wall);
        var peer = PeerOf(node);
        if (isOurs) { peer.IsConnecting = false; }
        if (peer.Link is { } existing && existing.Association == association)
        {
            // Both sides opened one. Nothing is said on a stream before both have answered there, so one can be given up without loss.
            if (isOurs || existing is { IsOurs: true, IsReady: true } || (existing.IsOurs && Self.CompareTo(node) < 0)) { return null; }
        }
        if (peer.Link is { } former) { Drop(former); }
        var link = new TopicLink(peer, isOurs, association);
        peer.Link = link;
        (peer.HasFailed, peer.Failures) = (false, 0);
        _retrying.Remove(peer);
        Greet(link);
        Activate();
        return link;
    }

    /// <summary>A member could not be connected with.</summary>
    public void HandleConnectFailed(NodeId node, TimeSpan now, long wall)
    {
        Enter(now, wall);
        if (!_peers.TryGetValue(node, out var peer)) { return; }
        (peer.IsConnecting, peer.HasFailed) = (false, true);
        Retry(peer);
        CheckSettled();
    }

    /// <summary>A stream is over.</summary>
    public void HandleLinkDown(TopicLink link, TimeSpan now, long wall)
    {
        Enter(now, wall);
        if (link.IsGone) { return; }
        Drop(link);
        if (link.Peer.IsWanted) { Retry(link.Peer); }
        CheckSettled();
    }

    /// <summary>Takes what has come on a link: the bytes of whole frames, which it returns the number of; -1 where a frame is none. Where a batch
    /// is <see cref="TopicLink.Unverified"/> then, nothing more is taken before it was verified.</summary>
    public int HandleBytes(TopicLink link, ReadOnlySpan<byte> bytes, TimeSpan now, long wall)
    {
        Enter(now, wall);
        var taken = 0;
        while (!link.IsGone && link.Unverified is null)
        {
            var length = TopicWire.ReadFrame(bytes[taken..], MaxFrame, out var type, out var body);
            if (length < 0) { return -1; }
            if (length == 0) { break; }
            if (!TryHandle(link, type, body)) { return -1; }
            taken += length;
        }
        return taken;
    }

    private void Connect(TopicPeer peer)
    {
        if (!_isActive || peer.Link is not null || peer.IsConnecting || !peer.IsWanted || !_members.IsReachable(peer.Node)) { return; }
        if (peer.RetryAt > _now && peer.HasFailed) { _retrying.Add(peer); return; }
        peer.IsConnecting = true;
        _toConnect.Enqueue(peer.Node);
    }

    private void Retry(TopicPeer peer)
    {
        var wait = FirstRetry * (1 << Math.Min(peer.Failures, 10));
        peer.Failures++;
        peer.RetryAt = _now + Min(wait, MaxRetry);
        if (peer.IsWanted && _members.IsReachable(peer.Node)) { _retrying.Add(peer); }
    }

    private void Drop(TopicLink link)
    {
        link.IsGone = true;
        // By number: each that is released leaves its place in the list empty, which ends an enumeration of it.
        for (var number = 0; number < link.Bound.Count; number++)
        {
            if (link.Bound[number] is { } binding) { Release(binding); }
        }
        link.Behind.Clear();
        if (link.Peer.Link == link) { link.Peer.Link = null; }
        link.Out.Clear();
        _toClose.Enqueue(link);
    }

    private void Greet(TopicLink link)
    {
        TellHaves(link);
        link.Out.AppendFrame(TopicFrameType.Hello, 1 + sizeof(ulong));
        link.Out.AppendByte(WireVersion);
        link.Out.AppendUInt64(_sum);
        MarkWriting(link);
    }

    private bool TryHandle(TopicLink link, TopicFrameType type, ReadOnlySpan<byte> body) => type switch
    {
        TopicFrameType.Message => link.IsReady && TryHear(link, body, isAcknowledged: false),
        TopicFrameType.Asked => link.IsReady && TryHear(link, body, isAcknowledged: true),
        TopicFrameType.Hello => TryGreet(link, body),
        TopicFrameType.Have => TryHandleHave(link, body),
        TopicFrameType.Clock => TrySetClock(link, body),
        _ when !link.IsReady => false,
        TopicFrameType.Bind => TryBind(link, body),
        TopicFrameType.Skip => TrySkip(link, body),
        TopicFrameType.Ack => TryAcknowledge(link, body),
        TopicFrameType.Interests => TryHandleInterests(link, body),
        TopicFrameType.Known => TryHandleKnown(link, body),
        TopicFrameType.Seen => TryHandleSeen(link, body),
        TopicFrameType.Sum => TryHandleSum(link, body),
        TopicFrameType.Batch => TryTakeBatch(link, body),
        TopicFrameType.Offer => TryHandleOffer(link, body),
        TopicFrameType.Graft => TryHandleGraft(link, body),
        TopicFrameType.Prune => TryHandlePrune(link, body),
        TopicFrameType.Counted => TryHandleCounted(link, body),
        _ => true, // of a later version
    };

    private bool TryGreet(TopicLink link, ReadOnlySpan<byte> body)
    {
        var reader = new Quic.Packets.SpanReader(body);
        if (link.IsReady || !reader.TryReadByte(out var version) || version != WireVersion || !reader.TryReadUInt64(out var sum)) { return false; }
        link.IsReady = true;
        TellInterests(link);
        link.IsSynced = sum == _sum;
        if (!link.IsSynced) { TellKnown(link); }
        if (link.Peer.Owed.Length > 0)
        {
            var owed = link.Peer.Owed.Take();
            link.Out.AppendBytes(owed);
            System.Buffers.ArrayPool<byte>.Shared.Return(owed.Array!);
        }
        foreach (var target in link.Peer.Targets.ToArray()) { Attach(target); } // each may take another's number
        OfferAll(link);
        MarkWriting(link);
        CheckSettled();
        return true;
    }

    private static bool TrySetClock(TopicLink link, ReadOnlySpan<byte> body)
    {
        if (body.Length < sizeof(ulong)) { return false; }
        link.HeardTime = (long)Math.Min(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(body), long.MaxValue);
        return true;
    }
}
