using System.Collections.Concurrent;
using Coco.Hosting;
using Coco.Quic.Packets;
using Coco.Transport;

namespace Coco.Media;

/// <content>Groups that come. What does not come from its producer counts only once it is covered by a signature of the producer's.</content>
internal sealed partial class Upstream
{
    private readonly ByteBudget _unverified = new(subscription.Limits.MaxBufferedBytes);
    private readonly ConcurrentDictionary<UnverifiedObjects, bool> _unsigned = []; // of groups that are arriving; as few as may at once

    /// <summary>Receives a group, or a part of it.</summary>
    public async Task ServeGroupAsync(GroupHeader header, RecordReader reader, ConnectionStream stream)
    {
        if (!await Accepted.ConfigureAwait(false) || !await HearsOfAsync(header.Track).ConfigureAwait(false) || subscription.Open(this, header) is not { } track)
        {
            stream.Abort((ulong)WireError.Late);
            return;
        }
        try
        {
            using var unverified = new UnverifiedObjects(_unverified, subscription.Limits.MaxGroupObjects);
            _unsigned[unverified] = true;
            try
            {
                if (await ReceiveGroupAsync(track, header.First, reader, unverified).ConfigureAwait(false)) { await stream.DisposeAsync().ConfigureAwait(false); }
                else { stream.Abort((ulong)WireError.Malformed); }
            }
            finally
            {
                _unsigned.TryRemove(unverified, out _);
            }
        }
        catch (Exception exception) when (exception is TransportException or ObjectDisposedException or OperationCanceledException)
        {
            stream.Abort((ulong)WireError.Late); // reset by the sender, or the subscription is over
        }
        finally
        {
            subscription.End(track);
        }
    }

    // Streams overtake each other: the first group of a track that was added now may be here before the description that names the track.
    private async Task<bool> HearsOfAsync(int track)
    {
        if (track >= subscription.Limits.MaxTracks) { return false; }
        try
        {
            while (true)
            {
                var told = Volatile.Read(ref _told).Task;
                if (subscription.Has(track)) { return true; }
                await told.WaitAsync(context.AnswerTime, context.Time, _over.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException or ObjectDisposedException)
        {
            return false; // nobody names it, or the subscription is over
        }
    }

    // Whoever passes a stream on and keeps signatures to itself is of no use.
    private bool IsUnsignedForTooLong(TimeSpan now) => _unsigned.Keys.Any(one => one.DueAt < now);

    private async Task<bool> ReceiveGroupAsync(OpenGroup track, ObjectPlace place, RecordReader reader, UnverifiedObjects unverified)
    {
        var isTrusted = Node == subscription.Producer;
        while (await reader.ReadAsync(_over.Token).ConfigureAwait(false) is var (type, body))
        {
            _heardAt = context.Now;
            switch ((GroupRecord)type)
            {
                case GroupRecord.Object:
                    if (LiveObject.TryRead(place, body) is not { } item) { return Distrust(isTrusted); }
                    if (isTrusted) { subscription.Handle(track, item, _joinedAt); }
                    place = After(place, subscription.NeedsChain(isTrusted) ? item.ChainAfter : ObjectPlace.NoChain);
                    if (!isTrusted && !unverified.TryAdd(item, place, context.Now)) { return false; }
                    break;
                case GroupRecord.Leaf:
                    if (body.Length != LiveObject.HashSize) { return Distrust(isTrusted); }
                    place = After(place, LiveObject.Chain(place.Chain, body));
                    if (!isTrusted && !unverified.TryAdd(null, place, context.Now)) { return false; }
                    break;
                case GroupRecord.LeftOut when isTrusted:
                    if (!VarInt.TryRead(body, out var count, out _) || count > int.MaxValue) { return false; }
                    place = place with { Index = place.Index + (long)count, Sequence = place.Sequence + (long)count };
                    break;
                case GroupRecord.Signature:
                    if (!TryTakeSignature(track, place, body, isTrusted ? null : unverified)) { return false; }
                    break;
            }
        }
        return !reader.IsMalformed || Distrust(isTrusted);
    }

    private bool TryTakeSignature(OpenGroup track, in ObjectPlace place, byte[] body, UnverifiedObjects? unverified)
    {
        if (!VarInt.TryRead(body, out var count, out var length) || (long)count > place.Index) { return Distrust(unverified is null); }
        var signature = new LiveSignature(place.Group, (long)count, body[length..]);
        if (unverified is not null)
        {
            // Of a part of a group that begins later nothing may be covered.
            if (unverified.PlaceAt((long)count) is not { } next) { return true; }
            if (!LiveSignature.Verify(subscription.Scope, track.Number, next, signature.Bytes))
            {
                return Distrust(isTrusted: false);
            }
            foreach (var item in unverified.Take((long)count)) { subscription.Handle(track, item, _joinedAt); }
        }
        subscription.Handle(track, signature);
        return true;
    }

    // What the producer sends ends with its stream alone; of one that passes it on nothing more is taken.
    private bool Distrust(bool isTrusted)
    {
        if (isTrusted) { return false; }
        _end = new UpstreamEnd.Forged();
        _over.Cancel();
        return false;
    }

    private static ObjectPlace After(in ObjectPlace place, byte[] chain) => new(place.Group, place.Index + 1, place.Sequence + 1, chain);
}
