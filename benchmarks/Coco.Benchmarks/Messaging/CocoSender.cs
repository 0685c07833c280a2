using System.Diagnostics;
using Coco.Crypto;

namespace Coco.Benchmarks.Messaging;

/// <summary>Sends messages that are stored, to every subscriber, as many at once as clients of the servers have on their way.</summary>
internal sealed class CocoSender(Node node, int number) : IMessagePublisher
{
    private readonly byte[] _payload = Payload.Create(number);
    private readonly Queue<Task> _storing = new();
    private readonly Lazy<NodeId[]> _subscribers = new(() => Subscribers(node));
    private long _sent;

    public static NodeId[] Subscribers(Node node) => [.. node.Peers.Where(static peer => peer.Name.StartsWith("subscriber", StringComparison.Ordinal)).Select(static peer => peer.Id)];

    public long Flood(TimeSpan duration)
    {
        var (start, first) = (Stopwatch.GetTimestamp(), _sent);
        do
        {
            for (var i = 0; i < 256; i++) { Send(isMeasured: false); }
        }
        while (Stopwatch.GetElapsedTime(start) < duration);
        return _sent - first;
    }

    public void Publish() => Send(isMeasured: true);

    public void Finish()
    {
        while (_storing.Count > 0) { _storing.Dequeue().GetAwaiter().GetResult(); }
    }

    public void Dispose()
    {
        // The node is not ours.
    }

    private void Send(bool isMeasured)
    {
        while (_storing.TryPeek(out var oldest) && (oldest.IsCompleted || _storing.Count >= RawPublisher.Window))
        {
            _storing.Dequeue().GetAwaiter().GetResult(); // this thread does nothing else
        }
        Payload.SetSequence(_payload, _sent++);
        Payload.SetTime(_payload, isMeasured);
        var to = _subscribers.Value;
        _storing.Enqueue(to.Length == 1 ? node.Messages.SendAsync(to[0], _payload) : node.Messages.SendAsync(to, _payload));
    }
}
