using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Coco.Quic.Recovery;

/// <summary>The outstanding packets of one packet number space: a ring indexed by packet number, as numbers are dense and leave
/// in nearly the order in which they came. The ring is borrowed while anything is outstanding and given back when nothing is.</summary>
internal sealed class SentPackets
{
    private const int InitialCapacity = 16;
    private SentPacket[]? _ring;
    private int _mask;

    /// <summary>The oldest number that may be outstanding.</summary>
    public long First { get; private set; }

    /// <summary>One past the newest number recorded.</summary>
    public long Next { get; private set; }

    /// <summary>Packets whose fate is open.</summary>
    public int Count { get; private set; }

    /// <summary>Makes room for a packet. Numbers between the last one and this are holes: skipped, never sent.</summary>
    public ref SentPacket Add(long packetNumber)
    {
        Debug.Assert(packetNumber >= Next);
        if (Count == 0) { First = packetNumber; }
        while (_ring is null || packetNumber - First >= _ring.Length) { Grow(); }
        for (var hole = Math.Max(Next, First); hole < packetNumber; hole++) { _ring[hole & _mask].Flags = SentPacketFlags.None; }

        Next = packetNumber + 1;
        Count++;
        ref var packet = ref _ring[packetNumber & _mask];
        packet.Flags = SentPacketFlags.Outstanding;
        packet.Stream = packet.Stream with { Length = -1 };
        packet.LargestAcknowledged = -1;
        packet.Frames = -1;
        return ref packet;
    }

    /// <summary>The packet, or a null reference when it is not outstanding.</summary>
    public ref SentPacket Find(long packetNumber)
    {
        if (packetNumber < First || packetNumber >= Next || Count == 0) { return ref Unsafe.NullRef<SentPacket>(); }
        ref var packet = ref _ring![packetNumber & _mask];
        if ((packet.Flags & SentPacketFlags.Outstanding) == 0) { return ref Unsafe.NullRef<SentPacket>(); }
        return ref packet;
    }

    /// <summary>Settles an outstanding packet.</summary>
    public void Remove(long packetNumber)
    {
        _ring![packetNumber & _mask].Flags = SentPacketFlags.None;
        Count--;
        if (Count == 0) { Release(); return; }
        if (packetNumber != First) { return; }
        do { First++; }
        while ((_ring[First & _mask].Flags & SentPacketFlags.Outstanding) == 0);
    }

    /// <summary>Takes back the packet added last: it turned out to hold nothing and was not sent.</summary>
    public void Cancel(long packetNumber)
    {
        Debug.Assert(packetNumber == Next - 1);
        _ring![packetNumber & _mask].Flags = SentPacketFlags.None;
        Next = packetNumber;
        if (--Count == 0) { Release(); }
    }

    /// <summary>Gives the ring back. The numbers go on.</summary>
    public void Release()
    {
        First = Next;
        Count = 0;
        if (_ring is null) { return; }
        ArrayPool<SentPacket>.Shared.Return(_ring);
        _ring = null;
    }

    private void Grow()
    {
        var larger = ArrayPool<SentPacket>.Shared.Rent(_ring is null ? InitialCapacity : _ring.Length * 2);
        Debug.Assert((larger.Length & (larger.Length - 1)) == 0, "the shared pool hands out powers of two");
        var mask = larger.Length - 1;
        if (_ring is not null)
        {
            for (var number = First; number < Next; number++) { larger[number & mask] = _ring[number & _mask]; }
            ArrayPool<SentPacket>.Shared.Return(_ring);
        }
        (_ring, _mask) = (larger, mask);
    }
}
