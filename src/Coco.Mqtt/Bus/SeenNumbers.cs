using System.Buffers.Binary;

namespace Coco.Mqtt.Bus;

/// <summary>Numbers of the last messages that may not come twice. An edge that fails and comes back says again what it had not been told was heard.</summary>
internal sealed class SeenNumbers
{
    // Chosen: more than an edge can have under way, by far. 2 MiB where it is full.
    private const int Most = 65_536;

    private readonly HashSet<UInt128> _numbers = [];
    private readonly Queue<UInt128> _order = new();

    /// <summary>False for a number that was added before.</summary>
    public bool TryAdd(ReadOnlySpan<byte> number)
    {
        var key = BinaryPrimitives.ReadUInt128BigEndian(number);
        if (!_numbers.Add(key)) { return false; }
        _order.Enqueue(key);
        if (_order.Count > Most) { _numbers.Remove(_order.Dequeue()); }
        return true;
    }
}
