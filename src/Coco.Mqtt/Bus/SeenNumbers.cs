using System.Buffers.Binary;

namespace Coco.Mqtt.Bus;

/// <summary>Numbers of the last messages that may not come twice. An edge that fails and comes back says again what it had not been told was heard.</summary>
internal sealed class SeenNumbers
{
    /// <summary>So many are known. Chosen: more than an edge can have under way, by far. 2 MiB where it is full.</summary>
    public const int Most = 65_536;

    private readonly HashSet<UInt128> _numbers = [];
    private readonly Queue<UInt128> _order = new();

    public SeenNumbers(IReadOnlyList<UInt128> known)
    {
        foreach (var number in known) { TryAdd(number); }
    }

    /// <summary>False for a number that was added before.</summary>
    public bool TryAdd(ReadOnlySpan<byte> number) => TryAdd(BinaryPrimitives.ReadUInt128BigEndian(number));

    private bool TryAdd(UInt128 key)
    {
        if (!_numbers.Add(key)) { return false; }
        _order.Enqueue(key);
        if (_order.Count > Most) { _numbers.Remove(_order.Dequeue()); }
        return true;
    }
}
