using Coco.Crypto;

namespace Coco.Traversal.Relays;

/// <summary>Whose records clients wait for, which the host looks up elsewhere: each node once, however many ask, and so many requests in all.</summary>
internal sealed class RelayQuestions(int maxWaiting)
{
    private readonly Dictionary<NodeId, List<(int Client, ulong Request)>> _waiting = [];
    private readonly Queue<NodeId> _toAsk = [];
    private int _count;

    /// <summary>A client waits from now on. False when too many do.</summary>
    public bool TryAdd(NodeId target, int client, ulong request)
    {
        if (_count >= maxWaiting) { return false; }
        if (!_waiting.TryGetValue(target, out var waiting))
        {
            _waiting.Add(target, waiting = []);
            _toAsk.Enqueue(target);
        }
        waiting.Add((client, request));
        _count++;
        return true;
    }

    public bool TryTake(out NodeId target) => _toAsk.TryDequeue(out target);

    /// <summary>Those who waited for an answer.</summary>
    public IReadOnlyList<(int Client, ulong Request)> Answer(NodeId target)
    {
        if (!_waiting.Remove(target, out var waiting)) { return []; }
        _count -= waiting.Count;
        return waiting;
    }
}
