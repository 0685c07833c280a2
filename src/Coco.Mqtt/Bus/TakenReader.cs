using System.Buffers.Binary;
using Coco.Topics;

namespace Coco.Mqtt.Bus;

/// <summary>What the other edges of a group say they have of its messages.</summary>
internal sealed class TakenReader : IAsyncDisposable
{
    private const int NumberSize = 16;

    private readonly TopicSubscription _subscription;
    private readonly Action<IReadOnlyList<UInt128>> _taken;
    private readonly Task _reading;

    public TakenReader(TopicSubscription subscription, Action<IReadOnlyList<UInt128>> taken)
    {
        (_subscription, _taken) = (subscription, taken);
        _reading = Task.Run(ReadAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _subscription.DisposeAsync().ConfigureAwait(false); // ends the reading
        await _reading.ConfigureAwait(false);
    }

    private async Task ReadAsync()
    {
        await foreach (var message in _subscription.ReadAllAsync().ConfigureAwait(false))
        {
            // Each speaks for itself alone: .../node/taken.
            if (message.Topic.Split('/') is not [.., var who, _] || !string.Equals(who, message.Publisher.ToString(), StringComparison.Ordinal)) { continue; }
            var numbers = new UInt128[message.Data.Length / NumberSize];
            for (var i = 0; i < numbers.Length; i++) { numbers[i] = BinaryPrimitives.ReadUInt128BigEndian(message.Data.Span[(i * NumberSize)..]); }
            _taken(numbers);
        }
    }
}
