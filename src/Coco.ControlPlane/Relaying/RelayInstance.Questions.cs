using Coco.Cluster.News;
using Coco.Cluster.Time;
using Coco.Crypto;
using Coco.Transport;
using Endpoint = Coco.Transport.Endpoint;

namespace Coco.ControlPlane.Relaying;

/// <content>What the relay answers on connections of its own.</content>
internal sealed partial class RelayInstance
{
    private const ulong NothingHere = 0x0C0C_0011; // an application code, as applications choose them
    private const int MaxAskers = 64; // chosen: at once; a question takes a millisecond, and others wait

    private static readonly TimeSpan AskerPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan NewsPatience = TimeSpan.FromSeconds(20); // of a node whose network is here and whose user has a role in it

    // Of its own a relay has nothing but the time, for nodes that have no clock, and an ear for what is new in networks: who wants anything else is told so.
    private async Task AnswerAsync(Endpoint endpoint, IdentityKey key)
    {
        var most = new ParallelOptions { MaxDegreeOfParallelism = MaxAskers };
        await Parallel.ForEachAsync(endpoint.AcceptAllAsync(), most, async (connection, _) =>
        {
            await using var held = connection;
            try
            {
                await AnswerAsync(connection, key);
            }
            catch (Exception exception) when (exception is TransportException or OperationCanceledException or EndOfStreamException || IsOfDatabase(exception))
            {
                // It went, or asks for nothing, or comes again.
            }
            catch (Exception exception)
            {
                // The top of a connection: what one question runs into must not keep all others from being answered.
                RelayingLog.QuestionFailed(logger, exception);
            }
            await CloseAsync(connection);
        });
    }

    private static async Task CloseAsync(Connection connection)
    {
        try
        {
            await connection.CloseAtOnceAsync(NothingHere, "This node is a relay and nothing else.");
        }
        catch (Exception exception) when (exception is TransportException or ObjectDisposedException)
        {
            // The endpoint stops.
        }
    }

    private async Task AnswerAsync(Connection connection, IdentityKey key)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        patience.CancelAfter(AskerPatience);
        await using var stream = await connection.AcceptStreamAsync(patience.Token);
        var kind = new byte[1];
        if (await stream.ReadAsync(kind, patience.Token) == 0) { return; }
        var isAnswered = kind[0] == PlaneNews.Kind
            ? await TakeNewsAsync(connection.PeerId, stream, patience)
            : await TellTimeAsync(connection.PeerId, stream, kind[0], key, patience.Token);
        if (!isAnswered) { return; }
        await stream.CompleteWritesAsync(patience.Token);
        await connection.Closed.WaitAsync(patience.Token); // whoever has the answer goes
    }

    private async Task<bool> TellTimeAsync(NodeId asker, Stream stream, byte kind, IdentityKey key, CancellationToken cancellationToken)
    {
        var question = new byte[LiveTime.QuestionSize];
        question[0] = kind;
        if (await stream.ReadAtLeastAsync(question.AsMemory(1), question.Length - 1, throwOnEndOfStream: false, cancellationToken) < question.Length - 1) { return false; }
        if (LiveTime.Answer(question, asker, key, (ulong)Math.Max(0, time.GetUtcNow().ToUnixTimeSeconds())) is not { } answer) { return false; }
        await stream.WriteAsync(answer, cancellationToken);
        return true;
    }

    private async Task<bool> TakeNewsAsync(NodeId sender, Stream stream, CancellationTokenSource patience)
    {
        var length = new byte[2];
        await stream.ReadExactlyAsync(length, patience.Token);
        var bytes = new byte[(length[0] << 8) | length[1]];
        if (bytes.Length > PlaneNews.MaxQuestion) { return false; }
        await stream.ReadExactlyAsync(bytes, patience.Token);
        if (PlaneNews.ReadQuestion(bytes) is not { } question) { return false; }
        var (outcome, lacks) = await news.AskAsync(question, sender, patience.Token);
        await stream.WriteAsync(PlaneNews.Answer(outcome, lacks), patience.Token);
        if (outcome is not PlaneOutcome.Taken || !lacks.Contains(true)) { return true; }
        patience.CancelAfter(NewsPatience);
        using var told = new MemoryStream();
        var buffer = new byte[16 << 10];
        while (await stream.ReadAsync(buffer, patience.Token) is > 0 and var count)
        {
            if (told.Length + count > PlaneNews.MaxNews) { return false; }
            told.Write(buffer, 0, count);
        }
        if (PlaneNews.ReadNews(told.ToArray(), lacks.Count(static lack => lack)) is not { } signed) { return false; }
        await stream.WriteAsync(new[] { (byte)await news.TakeAsync(question, lacks, signed, patience.Token) }, patience.Token);
        return true;
    }
}
