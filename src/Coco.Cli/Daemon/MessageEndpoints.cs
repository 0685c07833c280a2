using System.Runtime.CompilerServices;
using Coco.Cli.Api;
using Coco.Messages;

namespace Coco.Cli.Daemon;

/// <summary>Messages to and from other nodes.</summary>
internal static class MessageEndpoints
{
    // Chosen: messages that are here come within microseconds of one another.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);

    public static void Map(ApiRoutes routes)
    {
        routes.Post<SendWish, SentView>("/v1/messages", SendAsync);
        routes.Lines<InboxWish, MessageView>("/v1/inbox", static (call, wish) => ReceiveAsync(call, wish, call.Aborted));
        routes.Post<CompleteWish, Done>("/v1/inbox/complete", static async (call, wish) =>
        {
            if (!call.Network().HandedOut.TryRemove((wish.FromId, wish.Id), out var message))
            {
                throw ApiException.Of(CocoError.NotFound, $"No message {wish.Id} is handed out now. It is again when somebody asks for messages: `coco inbox`.");
            }
            await message.CompleteAsync();
            return new Done();
        });
    }

    private static async Task<SentView> SendAsync(ApiCall call, SendWish wish)
    {
        var held = call.Network();
        var to = Words.NodeOf(held, wish.To);
        var options = new SendOptions { Subject = wish.Subject, TimeToLive = wish.TimeToLiveSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null };
        var sent = await held.Node.Messages.SendAsync(to, wish.Data, options, call.Aborted);
        if (wish.WaitSeconds > 0)
        {
            try
            {
                await sent.Delivered.WaitAsync(TimeSpan.FromSeconds(wish.WaitSeconds), call.Aborted);
            }
            catch (TimeoutException)
            {
                // It is kept, and goes on being tried: the status says so.
            }
        }
        return new($"{sent.Id}", wish.To, ApiJson.NameOf(sent.Status), sent.SentAt, sent.Expires);
    }

    private static async IAsyncEnumerable<MessageView> ReceiveAsync(ApiCall call, InboxWish wish, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var held = call.Network();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var mine = new List<(string, string)>();
        var messages = held.Node.Messages.ReceiveAsync(wish.Subject, ending.Token).GetAsyncEnumerator(CancellationToken.None);
        var next = messages.MoveNextAsync().AsTask();
        try
        {
            while (wish.Follow || await Task.WhenAny(next, Task.Delay(Quiet, cancellationToken)) == next)
            {
                if (!await next) { yield break; }
                var message = messages.Current;
                var key = ($"{message.From}", $"{message.Id}");
                held.HandedOut[key] = message;
                mine.Add(key);
                yield return ViewOf(held, message);
                next = messages.MoveNextAsync().AsTask();
            }
        }
        finally
        {
            // What was not completed is handed out again, to whoever asks next. An enumeration has to stand still before it is disposed of.
            foreach (var key in mine) { held.HandedOut.TryRemove(key, out _); }
            await ending.CancelAsync();
            await next.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            await messages.DisposeAsync();
        }
    }

    private static MessageView ViewOf(HeldNode held, ReceivedMessage message) => new()
    {
        Id = $"{message.Id}", From = Words.NameOf(held, message.From), FromId = $"{message.From}", Subject = message.Subject, SentAt = message.SentAt,
        Redelivered = message.IsRedelivered, Data = message.Data.ToArray(), Text = Words.TextOf(message.Data.Span),
    };
}
