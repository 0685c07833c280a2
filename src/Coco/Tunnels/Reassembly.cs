using System.Buffers;

namespace Coco.Tunnels;

/// <summary>Datagrams of one session that come in pieces. A few at a time: where a piece was lost, the whole is forgotten when others need the room.</summary>
internal sealed class Reassembly
{
    // Chosen: with 64 KiB each 2 MiB that a peer can make us hold; more are not under way at once but where most are lost.
    private const int MaxPartial = 32;

    private readonly Partial[] _partial = new Partial[MaxPartial];
    private int _oldest;

    /// <summary>Takes a piece. True with the whole when it was the last that was missing; use it before the next call.</summary>
    public bool TryComplete(FlowHeader header, ReadOnlySpan<byte> piece, out ReadOnlySpan<byte> whole)
    {
        whole = default;
        ref var partial = ref Find(header);
        var bit = 1ul << header.Index;
        if ((partial.Have & bit) != 0) { return false; }
        piece.CopyTo(partial.Bytes.AsSpan(header.Offset));
        partial.Have |= bit;
        if (partial.Have != ulong.MaxValue >> (64 - header.Count)) { return false; }
        whole = partial.Bytes.AsSpan(0, header.Total);
        partial.Header = default; // the bytes stay for the next
        return true;
    }

    private ref Partial Find(FlowHeader header)
    {
        var key = header with { Index = 0 };
        for (var i = 0; i < MaxPartial; i++)
        {
            if (_partial[i].Header == key) { return ref _partial[i]; }
        }
        ref var slot = ref _partial[_oldest];
        _oldest = (_oldest + 1) % MaxPartial;
        if (slot.Bytes is null || slot.Bytes.Length < header.Total)
        {
            if (slot.Bytes is not null) { ArrayPool<byte>.Shared.Return(slot.Bytes); }
            slot.Bytes = ArrayPool<byte>.Shared.Rent(header.Total);
        }
        (slot.Header, slot.Have) = (key, 0);
        return ref slot;
    }

    private struct Partial
    {
        public FlowHeader Header; // without index; none when it has one piece
        public ulong Have;
        public byte[] Bytes;
    }
}
