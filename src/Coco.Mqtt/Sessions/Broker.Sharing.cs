using System.Buffers.Binary;
using Coco.Crypto;
using Coco.Mqtt.Bus;

namespace Coco.Mqtt.Sessions;

/// <content>
/// Groups with members at several edges (MQTT 5.0, 4.8.2): each edge chooses the same one for a message, by who is within reach. It may have just failed, so with QoS 1
/// and 2 the others keep the message until it says that it has it, and choose again where it goes or says nothing: at least once.
/// </content>
internal sealed partial class Broker
{
    // Chosen: how often is looked who has gone; and longer than the mesh and a disk take together.
    private static readonly TimeSpan ShareCheck = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShareTime = TimeSpan.FromSeconds(30);
    private static readonly IReadOnlySet<NodeId> Nobody = new HashSet<NodeId>();

    private readonly Dictionary<(string Group, string Filter, UInt128 Number), ShareOfOther> _ofOthers = [];
    private readonly HashSet<(string Group, string Filter, UInt128 Number)> _taken = []; // by others, before the message came here
    private readonly Queue<(string Group, string Filter, UInt128 Number)> _takenOrder = new();
    private List<(string Group, string Filter, ReadOnlyMemory<byte> Number)> _own = []; // taken here, to be said
    private long _sizeOfOthers;
    private TimeSpan _sharesAt = TimeSpan.MaxValue;

    /// <summary>Another edge has messages of a group, and answers for them.</summary>
    public void HandleTaken(string group, string filter, IReadOnlyList<UInt128> numbers)
    {
        foreach (var number in numbers)
        {
            var key = (group, filter, number);
            if (_ofOthers.TryGetValue(key, out var kept)) { Forget(key, kept); }
            else if (_taken.Add(key))
            {
                _takenOrder.Enqueue(key);
                if (_takenOrder.Count > SeenNumbers.Most) { _taken.Remove(_takenOrder.Dequeue()); }
            }
        }
    }

    // True where a member here gets it.
    private bool Share(ShareGroup group, Message message, TimeSpan now)
    {
        var edge = bus.ChooseEdge(group.Name, group.Filter, message, Nobody);
        if (message.Id.IsEmpty) { return edge == bus.Self && DeliverToOne(group, message, now); } // QoS 0, or there are no others
        var key = (group.Name, group.Filter, BinaryPrimitives.ReadUInt128BigEndian(message.Id.Span));
        if (_taken.Contains(key) || _ofOthers.ContainsKey(key)) { return false; }
        // Where no more can be kept two members may get it, rather than none.
        if (edge == bus.Self || _ofOthers.Count >= options.MaxQueuedMessages || _sizeOfOthers >= options.MaxQueuedSize) { return Take(group, message, now); }
        _ofOthers.Add(key, new(group, message, edge, now + ShareTime));
        _sizeOfOthers += message.Size;
        if (_sharesAt == TimeSpan.MaxValue) { Wait(_sharesAt = now + ShareCheck); }
        return false;
    }

    private bool Take(ShareGroup group, Message message, TimeSpan now)
    {
        if (!DeliverToOne(group, message, now)) { return false; } // another edge may have a member for it
        _own.Add((group.Name, group.Filter, message.Id));
        return true;
    }

    private void CheckShares(TimeSpan now)
    {
        if (now < _sharesAt) { return; }
        var reachable = new Dictionary<NodeId, bool>();
        foreach (var (key, kept) in _ofOthers.ToList())
        {
            if (!reachable.TryGetValue(kept.Edge, out var isThere)) { reachable[kept.Edge] = isThere = bus.IsReachable(kept.Edge); }
            if (kept.Message.IsExpiredAt(now) || kept.Group.Members.Count == 0) { Forget(key, kept); }
            else if (!isThere || kept.Until <= now) { ChooseAgain(key, kept, now); }
        }
        SayTaken();
        _sharesAt = _ofOthers.Count == 0 ? TimeSpan.MaxValue : now + ShareCheck;
    }

    private void ChooseAgain((string Group, string Filter, UInt128 Number) key, ShareOfOther kept, TimeSpan now)
    {
        kept.Tried.Add(kept.Edge);
        kept.Edge = bus.ChooseEdge(key.Group, key.Filter, kept.Message, kept.Tried);
        kept.Until = now + ShareTime;
        if (kept.Edge != bus.Self) { return; }
        Forget(key, kept);
        Take(kept.Group, kept.Message, now);
    }

    private void Forget((string Group, string Filter, UInt128 Number) key, ShareOfOther kept)
    {
        _ofOthers.Remove(key);
        _sizeOfOthers -= kept.Message.Size;
    }

    // When it is in the store, for sessions that are kept.
    private void SayTaken()
    {
        if (_own.Count == 0) { return; }
        var own = _own;
        _own = [];
        WhenDurable(log.Last, () =>
        {
            foreach (var group in own.GroupBy(static one => (one.Group, one.Filter))) { bus.SayTaken(group.Key.Group, group.Key.Filter, [.. group.Select(static one => one.Number)]); }
        });
    }
}
