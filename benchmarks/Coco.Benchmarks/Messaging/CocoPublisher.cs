using System.Diagnostics;

namespace Coco.Benchmarks.Messaging;

/// <summary>Publishes to a topic, one message a call, as an app does.</summary>
internal sealed class CocoPublisher(Node node, int number) : IMessagePublisher
{
    private readonly byte[] _payload = Payload.Create(number);
    private long _sent;

    public long Flood(TimeSpan duration) => FloodAsync(duration).GetAwaiter().GetResult(); // this thread does nothing else

    public void Publish() => PublishAsync(isMeasured: true).AsTask().GetAwaiter().GetResult();

    public void Finish()
    {
        // Nobody acknowledges.
    }

    public void Dispose()
    {
        // The node is not ours.
    }

    private async Task<long> FloodAsync(TimeSpan duration)
    {
        var (start, first) = (Stopwatch.GetTimestamp(), _sent);
        do
        {
            // The clock costs something; servers' publishers look at it as often.
            for (var i = 0; i < 256; i++) { await PublishAsync(isMeasured: false); }
        }
        while (Stopwatch.GetElapsedTime(start) < duration);
        return _sent - first;
    }

    private ValueTask PublishAsync(bool isMeasured)
    {
        Payload.SetSequence(_payload, _sent++);
        Payload.SetTime(_payload, isMeasured);
        return node.Topics.PublishAsync(Payload.Topic, _payload);
    }
}
