using System.Buffers;

namespace Coco.Lab.Kernel;

/// <summary>Packets on their way in one direction of a <see cref="DelayCable"/>.</summary>
internal sealed class DelayQueue(int seed)
{
    // More than 100 Mb/s of full packets need for half a second.
    private const int MaxPackets = 10_000;

    private readonly Random _random = new(seed);
    private readonly PriorityQueue<(byte[] Packet, int Length), (TimeSpan Due, long Number)> _packets = new();
    private TimeSpan _lastInOrder;
    private long _number;

    /// <summary>When the next packet arrives; null when none is on its way.</summary>
    public TimeSpan? NextDue => _packets.TryPeek(out _, out var priority) ? priority.Due : null;

    public void Add(ReadOnlySpan<byte> packet, LineConditions conditions, TimeSpan now)
    {
        AddOnce(packet, conditions, now);
        if (_random.NextDouble() < conditions.Duplicated) { AddOnce(packet, conditions, now); }
    }

    /// <summary>Takes a packet that has arrived; its buffer goes back to the shared pool.</summary>
    public bool TryTake(TimeSpan now, out byte[] packet, out int length)
    {
        (packet, length) = ([], 0);
        if (NextDue is not { } due || due > now) { return false; }

        (packet, length) = _packets.Dequeue();
        return true;
    }

    private void AddOnce(ReadOnlySpan<byte> packet, LineConditions conditions, TimeSpan now)
    {
        if (_packets.Count == MaxPackets) { return; }

        var delay = conditions.Delay ?? TimeSpan.Zero;
        var due = now + delay + (conditions.Jitter * _random.NextDouble());
        if (_random.NextDouble() < conditions.Reordered)
        {
            due = now + (delay / 2);
        }
        else
        {
            // Never before the packet in front: jitter is not reordering.
            _lastInOrder = due = due > _lastInOrder ? due : _lastInOrder;
        }

        var copy = ArrayPool<byte>.Shared.Rent(packet.Length);
        packet.CopyTo(copy);
        _packets.Enqueue((copy, packet.Length), (due, _number++));
    }
}
