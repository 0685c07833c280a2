using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using Coco.Cluster.Graph;
using Coco.Quic.Packets;

namespace Coco.Cluster.Mesh;

/// <content>
/// Anti-entropy when two nodes connect: each sends one sum; where they differ, the node with the smaller key sends sums of buckets, the
/// other all that the differing buckets hold, and the first sends what is newer here and asks for what is newer there. Afterwards both
/// tell each other what becomes known, so that equal once is equal always.
/// <code>
/// GraphDigest = scope ‖ kind u8 ‖ …
///   Root      count varint ‖ sum of hashes (16)
///   Buckets   bits u8 (0–12) ‖ 2^bits × sum (8)
///   Entries   bits u8 ‖ count varint ‖ count × bucket varint ‖ entry × …
///   News      entry × …
/// entry       = first 8 bytes of the NodeId ‖ sequence varint ‖ first 4 bytes of the hash
/// </code>
/// </content>
internal sealed partial class MeshNode
{
    private const int MaxBucketBits = 12;
    private const int NodesPerBucket = 8;
    private const int MaxEntry = NodeTag.Size + VarInt.MaxLength + sizeof(uint);

    private MeshRefusal HandleDigest(MeshPeer peer, ReadOnlySpan<byte> body, TimeSpan now)
    {
        var reader = new SpanReader(body);
        if (!ScopeId.TryRead(ref reader, out var scope) || !reader.TryReadByte(out var kind)) { return MeshRefusal.Malformed; }
        if (!MaySee(peer.Id, scope)) { return MeshRefusal.OutOfScope; }
        // One of us just left the scope, and the other does not know yet.
        if (Own(scope) is not { } own || !peer.Shared.Contains(own.Index)) { return MeshRefusal.None; }
        return (DigestKind)kind switch
        {
            DigestKind.Root => HandleRoot(peer, own, ref reader, now),
            DigestKind.Buckets => HandleBuckets(peer, own, ref reader, now),
            DigestKind.Entries => HandleEntries(peer, own, ref reader, now),
            DigestKind.News => HandleNews(peer, own, ref reader, now),
            _ => MeshRefusal.None,
        };
    }

    private void WriteRoot(MeshPeer peer, OwnScope own)
    {
        Span<byte> body = stackalloc byte[1 + Labels.MaxLength + 1 + VarInt.MaxLength + 16];
        var writer = DigestWriter(body, own, DigestKind.Root);
        var totals = _graph.Scopes[own.Index];
        writer.WriteVarInt((ulong)totals.Count);
        BinaryPrimitives.WriteUInt128BigEndian(writer.Reserve(16), totals.Sum);
        WriteFrame(peer, MeshFrameType.GraphDigest, writer.Written);
    }

    private MeshRefusal HandleRoot(MeshPeer peer, OwnScope own, ref SpanReader reader, TimeSpan now)
    {
        if (!reader.TryReadVarInt(out var count) || !reader.TryReadBytes(16, out var sum)) { return MeshRefusal.Malformed; }
        // The answer is as long as so many advertisements' news.
        if (!peer.TryPay(1 + (_graph.Scopes[own.Index].Count / 16), _options.ItemsPerSecond, now)) { return MeshRefusal.TooMuch; }
        if (BinaryPrimitives.ReadUInt128BigEndian(sum) != _graph.Scopes[own.Index].Sum && Self < peer.Id) { WriteBuckets(peer, own, count); }
        return MeshRefusal.None;
    }

    private void WriteBuckets(MeshPeer peer, OwnScope own, ulong theirCount)
    {
        var nodes = Math.Max((ulong)_graph.Scopes[own.Index].Count, Math.Min(theirCount, (ulong)_options.Graph.MaxNodes));
        var bits = Math.Min(MaxBucketBits, BitOperations.Log2(((uint)nodes / NodesPerBucket) + 1));
        var body = ArrayPool<byte>.Shared.Rent(MaxFrame);
        var writer = DigestWriter(body, own, DigestKind.Buckets);
        writer.WriteByte((byte)bits);
        foreach (var bucket in _graph.Buckets(own.Index, bits)) { writer.WriteUInt64(bucket); }
        WriteFrame(peer, MeshFrameType.GraphDigest, writer.Written);
        ArrayPool<byte>.Shared.Return(body);
    }

    private MeshRefusal HandleBuckets(MeshPeer peer, OwnScope own, ref SpanReader reader, TimeSpan now)
    {
        if (!reader.TryReadByte(out var bits) || bits > MaxBucketBits) { return MeshRefusal.Malformed; }
        if (!reader.TryReadBytes(sizeof(ulong) << bits, out var theirs)) { return MeshRefusal.Malformed; }
        if (!peer.TryPay(_graph.Scopes[own.Index].Count, _options.ItemsPerSecond, now)) { return MeshRefusal.TooMuch; }
        var ours = _graph.Buckets(own.Index, bits);
        var differ = new List<int>();
        for (var i = 0; i < ours.Length; i++)
        {
            if (BinaryPrimitives.ReadUInt64BigEndian(theirs[(i * sizeof(ulong))..]) != ours[i]) { differ.Add(i); }
        }
        if (differ.Count > 0) { WriteEntries(peer, own, bits, differ); }
        return MeshRefusal.None;
    }

    private void WriteEntries(MeshPeer peer, OwnScope own, int bits, List<int> differ)
    {
        var slots = new List<int>[1 << bits];
        foreach (var bucket in differ) { slots[bucket] = []; }
        for (var slot = 0; slot < _graph.SlotCount; slot++)
        {
            if (_graph[slot].Entries is null || _graph.Find(slot, own.Index) is null) { continue; }
            slots[NetworkGraph.BucketOf(NodeTag.Of(_graph[slot].Id), bits)]?.Add(slot);
        }
        var body = ArrayPool<byte>.Shared.Rent(MaxFrame);
        for (var first = 0; first < differ.Count;)
        {
            // Whole buckets only: what is not in a bucket is missing there.
            var (last, bytes) = (first, 0);
            while (last < differ.Count && (last == first || bytes < FrameTarget)) { bytes += 2 + (slots[differ[last++]].Count * MaxEntry); }
            var writer = DigestWriter(body, own, DigestKind.Entries);
            writer.WriteByte((byte)bits);
            writer.WriteVarInt((ulong)(last - first));
            for (var i = first; i < last; i++) { writer.WriteVarInt((ulong)differ[i]); }
            for (var i = first; i < last; i++)
            {
                foreach (var slot in slots[differ[i]])
                {
                    if (writer.RemainingLength >= MaxEntry) { WriteEntry(ref writer, _graph.Find(slot, own.Index)!.Advertisement); }
                }
            }
            WriteFrame(peer, MeshFrameType.GraphDigest, writer.Written);
            first = last;
        }
        ArrayPool<byte>.Shared.Return(body);
    }

    private MeshRefusal HandleEntries(MeshPeer peer, OwnScope own, ref SpanReader reader, TimeSpan now)
    {
        if (!reader.TryReadByte(out var bits) || bits > MaxBucketBits) { return MeshRefusal.Malformed; }
        if (!reader.TryReadVarInt(out var count) || count > 1UL << bits) { return MeshRefusal.Malformed; }
        if (!peer.TryPay(_graph.Scopes[own.Index].Count, _options.ItemsPerSecond, now)) { return MeshRefusal.TooMuch; }
        var buckets = new bool[1 << bits];
        for (var i = 0UL; i < count; i++)
        {
            if (!reader.TryReadVarInt(out var bucket) || bucket >= (ulong)buckets.Length) { return MeshRefusal.Malformed; }
            buckets[bucket] = true;
        }
        var atLeast = new Dictionary<NodeTag, (ulong Sequence, uint Check)>();
        while (!reader.IsEmpty)
        {
            if (!TryReadEntry(ref reader, out var tag, out var sequence, out var check)) { return MeshRefusal.Malformed; }
            if (!peer.TryPay(1, _options.ItemsPerSecond, now)) { return MeshRefusal.TooMuch; }
            Hear(peer, own, tag, sequence, check, now);
            atLeast[tag] = (sequence, check);
        }
        var give = new List<Advertisement>();
        for (var slot = 0; slot < _graph.SlotCount; slot++)
        {
            if (_graph[slot].Entries is null || _graph.Find(slot, own.Index)?.Advertisement is not { } ours) { continue; }
            if (!buckets[NetworkGraph.BucketOf(ours.Tag, bits)]) { continue; }
            if (!atLeast.TryGetValue(ours.Tag, out var theirs) || ours.IsNewerThan(theirs.Sequence, theirs.Check)) { give.Add(ours); }
        }
        // It may be on its way to the peer from elsewhere, so that telling comes before giving here too.
        WriteNews(peer, own, give);
        return MeshRefusal.None;
    }

    private MeshRefusal HandleNews(MeshPeer peer, OwnScope own, ref SpanReader reader, TimeSpan now)
    {
        while (!reader.IsEmpty)
        {
            if (!TryReadEntry(ref reader, out var tag, out var sequence, out var check)) { return MeshRefusal.Malformed; }
            if (!peer.TryPay(1, _options.ItemsPerSecond, now)) { return MeshRefusal.TooMuch; }
            Hear(peer, own, tag, sequence, check, now);
        }
        return MeshRefusal.None;
    }

    private void TellNews()
    {
        _newsAt = null;
        foreach (var peer in _peers.Values)
        {
            if (peer.News.Count > 0) { TellNewsTo(peer); }
        }
    }

    private void TellNewsTo(MeshPeer peer)
    {
        var body = ArrayPool<byte>.Shared.Rent(MaxFrame);
        foreach (var scope in peer.Shared)
        {
            if (Own(scope) is { } own) { TellNews(peer, own, body); }
        }
        peer.News.Clear();
        peer.News.TrimExcess();
        ArrayPool<byte>.Shared.Return(body);
    }

    private void TellNews(MeshPeer peer, OwnScope own, byte[] body)
    {
        var writer = DigestWriter(body, own, DigestKind.News);
        var empty = writer.Position;
        foreach (var (slot, scope) in peer.News)
        {
            if (scope != own.Index || _graph.Find(slot, scope) is not { } entry) { continue; }
            WriteEntry(ref writer, entry.Advertisement);
            if (writer.Position < FrameTarget) { continue; }
            WriteFrame(peer, MeshFrameType.GraphDigest, writer.Written);
            writer = DigestWriter(body, own, DigestKind.News);
        }
        if (writer.Position > empty) { WriteFrame(peer, MeshFrameType.GraphDigest, writer.Written); }
    }

    private void WriteNews(MeshPeer peer, OwnScope own, List<Advertisement> news)
    {
        foreach (var advertisement in news)
        {
            var item = (_graph.SlotOf(advertisement.Tag), own.Index);
            if (item.Item1 >= 0 && !peer.News.Contains(item)) { peer.News.Add(item); }
        }
        if (news.Count > 0) { TellNewsTo(peer); }
    }

    private static SpanWriter DigestWriter(Span<byte> body, OwnScope own, DigestKind kind)
    {
        var writer = new SpanWriter(body);
        own.Scope.Write(ref writer);
        writer.WriteByte((byte)kind);
        return writer;
    }

    private static void WriteEntry(ref SpanWriter writer, Advertisement advertisement)
    {
        writer.WriteUInt64(advertisement.Tag.Value);
        writer.WriteVarInt(advertisement.Sequence);
        writer.WriteUInt32(advertisement.Hash.Check);
    }

    private static bool TryReadEntry(ref SpanReader reader, out NodeTag tag, out ulong sequence, out uint check)
    {
        (sequence, check) = (0, 0);
        var read = reader.TryReadUInt64(out var value) && reader.TryReadVarInt(out sequence) && reader.TryReadUInt32(out check);
        tag = new(value);
        return read && sequence <= Advertisement.MaxSequence;
    }
}
