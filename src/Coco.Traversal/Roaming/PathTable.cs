using System.Buffers.Binary;
using System.Security.Cryptography;
using Coco.Quic.Paths;
using Coco.Traversal.Links;

namespace Coco.Traversal.Roaming;

/// <summary>
/// Numbers the ways that packets come and go: QUIC knows a <see cref="PathId"/>, the host a link and perhaps a relay's session. Strangers
/// can make entries, so those that no connection uses are swept away as the table grows; a number is not used again before the next sweep.
/// </summary>
internal sealed class PathTable(ReadOnlySpan<byte> tagKey, int capacity)
{
    private const int FirstSweep = 1024; // chosen: below, looking is dearer than keeping

    private readonly Dictionary<PathAddress, int> _numbers = [];
    private readonly List<Entry> _entries = [];
    private readonly Queue<int> _free = new();
    private readonly List<int> _resting = []; // freed by the last sweep: answers that wait to be sent may still name them
    private readonly byte[] _tagKey = tagKey.ToArray();
    // In a table more than half of which is in use, doubling would never come.
    private static readonly TimeSpan FullSweepInterval = TimeSpan.FromSeconds(1);

    private int _sweepAt = FirstSweep;
    private TimeSpan _fullSweepAt = TimeSpan.MinValue;
    private PathAddress _last;
    private int _lastNumber = -1;

    /// <summary>Ways known.</summary>
    public int Count => _numbers.Count;

    /// <summary>Whether it is time for <see cref="Sweep"/>.</summary>
    public bool WantsSweep(TimeSpan now) => _numbers.Count >= _sweepAt || (_numbers.Count >= capacity && now >= _fullSweepAt);

    /// <summary>The way a number stands for.</summary>
    public PathAddress this[PathId id] => _entries[id.Value].Address;

    /// <summary>The number of a way, new if it has none. False when the table is full: the stranger is not heard, rather than a way in
    /// use forgotten.</summary>
    public bool TryGet(in PathAddress address, out PathInfo path)
    {
        if (_lastNumber < 0 || address != _last)
        {
            if (!_numbers.TryGetValue(address, out var number))
            {
                path = default;
                if (_numbers.Count >= capacity) { return false; }
                number = Add(address);
            }
            (_last, _lastNumber) = (address, number);
        }
        path = _entries[_lastNumber].ToInfo(_lastNumber);
        return true;
    }

    /// <summary>The number of a way that has one.</summary>
    public bool TryFind(in PathAddress address, out PathId id)
    {
        var isKnown = _numbers.TryGetValue(address, out var number);
        id = new(number);
        return isKnown;
    }

    /// <summary>Forgets all that are not in use.</summary>
    /// <param name="inUse">The paths of all connections.</param>
    /// <param name="now">The time.</param>
    public void Sweep(HashSet<int> inUse, TimeSpan now)
    {
        _fullSweepAt = now + FullSweepInterval;
        foreach (var number in _resting) { _free.Enqueue(number); }
        _resting.Clear();
        foreach (var (address, number) in _numbers)
        {
            if (inUse.Contains(number)) { continue; }
            _numbers.Remove(address);
            _resting.Add(number);
        }
        _lastNumber = -1;
        _sweepAt = Math.Max(FirstSweep, 2 * _numbers.Count);
    }

    private int Add(in PathAddress address)
    {
        var entry = new Entry(address, TagOf(address.Link.Remote));
        if (!_free.TryDequeue(out var number))
        {
            number = _entries.Count;
            _entries.Add(entry);
        }
        else { _entries[number] = entry; }
        _numbers.Add(address, number);
        return number;
    }

    // A keyed hash of the IP address without the port, which a NAT may change from one connection to the next.
    private ulong TagOf(in NetworkAddress remote)
    {
        Span<byte> address = stackalloc byte[16];
        remote.WriteIpv6(address);
        Span<byte> hash = stackalloc byte[32];
        HMACSHA256.HashData(_tagKey, address, hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }

    private readonly record struct Entry(PathAddress Address, ulong Tag)
    {
        public PathInfo ToInfo(int number)
        {
            // What a neighbour's own way takes may change, and may be behind a relay's header as well.
            if (Address.IsMesh) { return new(new PathId(number), PathKind.Datagram, DatagramSizes.Ipv6 - (2 * FirstByte.RelayedHeaderLength)); }
            // A relay's far leg is the network's, whatever the near one is: packets can be lost there, and have to fit.
            var kind = Address.Link.IsReliable && !Address.IsRelayed ? PathKind.Reliable : PathKind.Datagram;
            var size = kind is PathKind.Reliable ? DatagramSizes.Reliable : Address.Link.Remote.IsIpv4 ? DatagramSizes.Ipv4 : DatagramSizes.Ipv6;
            return new(new PathId(number), kind, Address.IsRelayed ? size - FirstByte.RelayedHeaderLength : size, Tag, Address.Link.IsReliable ? Address.Link.Number : 0);
        }
    }
}
