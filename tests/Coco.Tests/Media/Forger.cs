using Coco.Crypto;
using Coco.Hosting;
using Coco.Media;
using Coco.Quic.Packets;
using Coco.Tests.Networks;
using Coco.Transport;

namespace Coco.Tests.Media;

/// <summary>
/// A member that subscribes to a stream, agrees to pass it on, and passes on what a test makes of it. Whatever it gets from the producer is genuine.
/// </summary>
internal sealed class Forger
{
    private const ulong Session = 0;
    private const int MaxBody = 1 << 20;

    // The time of the stream as it tells it: all would be late by that.
    private static readonly TimeSpan Lie = TimeSpan.FromHours(5);

    private readonly HandMadePeer _atProducer;
    private readonly HandMadePeer _atVictim;
    private readonly Node _producer;
    private readonly CancellationToken _patience;
    private byte[] _description = [];
    private ulong _session; // the victim's

    private Forger(HandMadePeer atProducer, HandMadePeer atVictim, Node producer, CancellationToken patience) =>
        (_atProducer, _atVictim, _producer, _patience) = (atProducer, atVictim, producer, patience);

    public NodeId Id => _atProducer.Id;

    /// <summary>Takes a place at the producer, with more copies to give than anybody.</summary>
    public static async Task<Forger> SubscribeAsync(StreamScene scene, Node producer, Node victim, string name)
    {
        var atProducer = await HandMadePeer.JoinAsync(scene.Network, producer, "mallory", "org.example.chat");
        var forger = new Forger(atProducer, await atProducer.CallAsync(victim), producer, scene.Patience);
        var stream = await atProducer.Connection.OpenStreamAsync(cancellationToken: scene.Patience);
        await stream.WriteAsync(StreamHeader.Of(StreamKind.Media, Session, (ulong)MediaRequest.Subscription), scene.Patience);
        await SayAsync(stream, MediaFrame.Subscribe, new SubscribeWords(0, producer.Id, name, WantsSignatures: true, Copies: 100, [], []).Encode(), scene.Patience);
        var (type, body) = await ReadAsync(new(stream, MaxBody), scene.Patience);
        Assert.Equal((ulong)MediaFrame.State, type);
        forger._description = StateWords.TryRead(body)!.Description;
        return forger;
    }

    /// <summary>The next stream of a group that comes from the producer, with all that is on it up to a signature that covers so many objects.</summary>
    public async Task<(GroupHeader Header, List<(GroupRecord Type, byte[] Body)> Records)> TakeGroupAsync(int objects)
    {
        var reader = new RecordReader(await AcceptAsync(_atProducer, MediaRequest.Group), MaxBody);
        var header = await GroupHeader.ReadAsync(reader, _patience);
        var records = new List<(GroupRecord, byte[])>();
        while (true)
        {
            var (type, body) = await ReadAsync(reader, _patience);
            records.Add(((GroupRecord)type, body));
            if ((GroupRecord)type is GroupRecord.Signature && VarInt.TryRead(body, out var count, out _) && count == (ulong)objects) { return (header!, records); }
        }
    }

    /// <summary>Waits for the victim, and accepts it; answers with its number. From then on it is told the time whenever it asks.</summary>
    public async Task<ulong> AcceptVictimAsync()
    {
        var stream = await AcceptAsync(_atVictim, MediaRequest.Subscription);
        var reader = new RecordReader(stream, MaxBody);
        var words = SubscribeWords.TryRead((await ReadAsync(reader, _patience)).Body)!;
        await SayAsync(stream, MediaFrame.State, new StateWords(Lie, [_producer.Id, Id], _description).Encode(), _patience);
        _ = TellTimeAsync(stream, reader);
        return words.Number;
    }

    /// <summary>Sends a group to the victim, as is; the stream stays open where it is not to end, unless the victim ends it.</summary>
    public async Task SendAsync(ulong subscription, GroupHeader header, IEnumerable<(GroupRecord Type, byte[] Body)> records, bool ends = false)
    {
        var stream = await _atVictim.Connection.OpenStreamAsync(bidirectional: false, _patience);
        try
        {
            await stream.WriteAsync((header with { Subscription = subscription }).Encode(_session), _patience);
            foreach (var (type, body) in records) { await SayAsync(stream, (MediaFrame)type, body, _patience); } // of the same form
            if (ends) { await stream.CompleteWritesAsync(_patience); }
        }
        catch (TransportException)
        {
            // Not wanted there.
        }
    }

    private async Task<ConnectionStream> AcceptAsync(HandMadePeer at, MediaRequest request)
    {
        while (true)
        {
            var stream = await at.Connection.AcceptStreamAsync(_patience);
            if (await StreamHeader.ReadVarIntAsync(stream, _patience) != (ulong)StreamKind.Media) { continue; }
            var session = await StreamHeader.ReadVarIntAsync(stream, _patience);
            if (await StreamHeader.ReadVarIntAsync(stream, _patience) != (ulong)request) { continue; }
            if (at == _atVictim) { _session = session!.Value; }
            return stream;
        }
    }

    private async Task TellTimeAsync(ConnectionStream stream, RecordReader reader)
    {
        try
        {
            while (await reader.ReadAsync(_patience) is var (type, body))
            {
                if ((MediaFrame)type is not MediaFrame.Report || ReportWords.TryRead(body) is not { } report) { continue; }
                var answer = new byte[2 * VarInt.MaxLength];
                var length = VarInt.Write(answer, report.Echo);
                length += VarInt.Write(answer.AsSpan(length), (ulong)Lie.TotalMicroseconds);
                await SayAsync(stream, MediaFrame.Time, answer[..length], _patience);
            }
        }
        catch (Exception exception) when (exception is TransportException or OperationCanceledException)
        {
            // The victim has gone elsewhere.
        }
    }

    private static async Task<(ulong Type, byte[] Body)> ReadAsync(RecordReader reader, CancellationToken patience) =>
        await reader.ReadAsync(patience) ?? throw new EndOfStreamException("The node has ended the stream.");

    private static async Task SayAsync(ConnectionStream stream, MediaFrame type, byte[] body, CancellationToken patience)
    {
        var head = new byte[2 * VarInt.MaxLength];
        var length = VarInt.Write(head, (ulong)type);
        length += VarInt.Write(head.AsSpan(length), (ulong)body.Length);
        await stream.WriteAsync((byte[])[.. head[..length], .. body], patience);
    }
}
