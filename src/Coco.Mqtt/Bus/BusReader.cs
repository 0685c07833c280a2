using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Coco.Crypto;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Sessions;
using Coco.Topics;

namespace Coco.Mqtt.Bus;

/// <summary>The messages of one filter, in batches, without those that were there before.</summary>
internal sealed class BusReader(string filter, NodeTopics topics, TopicSubscription subscription, IReadOnlyList<UInt128> seen, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<TopicMessage> _messages = subscription.ReadAllAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
    private readonly SeenNumbers _seen = new(seen);
    private readonly SeenNumbers _values = new([]);
    private Task<bool>? _next;
    private List<BusMessage> _early = [];
    private List<TopicMessage> _asked = [];

    public string Filter => filter;

    /// <summary>Values that are known here already; what was published meanwhile comes with the first batch.</summary>
    public List<BusMessage> TakeKnown()
    {
        var batch = new List<BusMessage>();
        while (TryTake(batch))
        {
        }
        _early = [.. batch.Where(static one => !one.IsStored)];
        return batch;
    }

    /// <summary>What was read since the last call, those included that were there before, and whose publisher waits until they are stored here.</summary>
    public IReadOnlyList<TopicMessage> TakeAsked()
    {
        var asked = _asked;
        _asked = [];
        return asked;
    }

    /// <summary>At least one message, or none where those whose publishers wait were there before; null at the end.</summary>
    public async Task<IReadOnlyList<BusMessage>?> TakeAsync(int most)
    {
        var batch = _early;
        _early = [];
        while (batch.Count == 0 && _asked.Count == 0)
        {
            _next ??= _messages.MoveNextAsync().AsTask();
            if (!await _next.ConfigureAwait(false)) { return null; }
            TryTake(batch);
        }
        while (batch.Count < most && TryTake(batch))
        {
        }
        return batch;
    }

    public async ValueTask DisposeAsync()
    {
        await _messages.DisposeAsync().ConfigureAwait(false);
        await subscription.DisposeAsync().ConfigureAwait(false);
    }

    // What an edge that came back says again; and a value, which a keeper may pass on as well as its publisher, so that it comes twice, one of
    // them as a stored one.
    private bool IsAgain(Message message)
    {
        if (message.Qos is Qos.ExactlyOnce && !message.Id.IsEmpty) { return !_seen.TryAdd(message.Id.Span); }
        return message.Stamp.Order > 0 && !_values.TryAdd(NumberOf(message));
    }

    private static ReadOnlySpan<byte> NumberOf(Message message)
    {
        Span<byte> stamp = stackalloc byte[8 + NodeId.Size];
        BinaryPrimitives.WriteUInt64BigEndian(stamp, message.Stamp.Order);
        message.Stamp.By.CopyTo(stamp[8..]);
        return SHA256.HashData([.. stamp, .. Encoding.UTF8.GetBytes(message.Topic)]).AsSpan(0, 16);
    }

    // False where there is none at once.
    private bool TryTake(List<BusMessage> batch)
    {
        _next ??= _messages.MoveNextAsync().AsTask();
        if (!_next.IsCompletedSuccessfully || !_next.Result) { return false; }
        var said = _messages.Current;
        _next = null;
        if (said.Asked is not null) { _asked.Add(said); }
        if (MeshEnvelope.Read(said) is not { } message) { return true; }
        if (IsAgain(message)) { return true; }
        batch.Add(new(message, said.IsRetained, said.Order == 0 || topics.IsLatest(said), said.Common));
        return true;
    }
}
