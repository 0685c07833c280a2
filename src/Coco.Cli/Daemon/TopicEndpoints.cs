using System.Runtime.CompilerServices;
using Coco.Cli.Api;

namespace Coco.Cli.Daemon;

/// <summary>Topics: publishing and subscribing.</summary>
internal static class TopicEndpoints
{
    public static void Map(ApiRoutes routes)
    {
        routes.Post<PublishWish, Done>(
            "/v1/topics",
            static async (call, wish) =>
            {
                await call.Network().Node.Topics.PublishAsync(wish.Topic, wish.Data, new() { Retain = wish.Retain, Acknowledge = wish.Acknowledge }, call.Aborted);
                return new Done();
            },
            needsRoom: false);
        routes.Lines<SubscribeWish, TopicView>("/v1/topics/subscribe", static (call, wish) => SubscribeAsync(call, wish, call.Aborted));
    }

    private static async IAsyncEnumerable<TopicView> SubscribeAsync(ApiCall call, SubscribeWish wish, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var held = call.Network();
        await using var subscription = await held.Node.Topics.SubscribeAsync(wish.Filter, new() { HistoryCount = wish.History, Retained = wish.Retained }, cancellationToken);
        await call.Http.Response.StartAsync(cancellationToken); // the head says that the subscription is there
        await foreach (var message in subscription.ReadAllAsync(cancellationToken))
        {
            yield return new()
            {
                Topic = message.Topic, Publisher = Words.NameOf(held, message.Publisher), PublisherId = $"{message.Publisher}", Time = message.Time,
                Retained = message.IsRetained, Missed = message.Missed, Data = message.Data.ToArray(), Text = Words.TextOf(message.Data.Span),
            };
        }
    }
}
