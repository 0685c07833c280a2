using System.Diagnostics;
using System.Runtime.CompilerServices;
using Coco.Cli.Api;
using Coco.Crypto;

namespace Coco.Cli.Daemon;

/// <summary>How long a node takes to answer, over the way that data takes.</summary>
internal static class PingEndpoints
{
    // Chosen: more than any path that can be used takes, and short enough to wait for.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private const int MinIntervalMs = 10;

    public static void Map(ApiRoutes routes) => routes.Lines<PingWish, PingView>("/v1/ping", static (call, wish) => PingAsync(call, wish, call.Aborted));

    private static async IAsyncEnumerable<PingView> PingAsync(ApiCall call, PingWish wish, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var held = call.Network();
        var id = Words.NodeOf(held, wish.Node);
        await using var connection = await held.Node.ConnectAsync(id, cancellationToken);
        for (var sequence = 1; wish.Count == 0 || sequence <= wish.Count; sequence++)
        {
            if (sequence > 1) { await Task.Delay(Math.Max(MinIntervalMs, wish.IntervalMs), cancellationToken); }
            var (time, problem) = await AskAsync(held.Node, id, cancellationToken);
            var path = connection.ActivePath;
            yield return new(
                held.Node.Peers.FirstOrDefault(peer => peer.Id == id)?.Name ?? wish.Node, $"{id}", sequence, time?.TotalMilliseconds,
                path is null ? null : ApiJson.NameOf(path.Type), path?.RemoteEndPoint.ToString(),
                path is { RoundTripTime.Ticks: > 0 } ? path.RoundTripTime.TotalMilliseconds : null, connection.Verdict?.Sentence, problem);
        }
    }

    // What a node offers is the smallest question that every node answers, whatever app it runs.
    private static async Task<(TimeSpan? Time, string? Problem)> AskAsync(Node node, NodeId id, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        var begin = Stopwatch.GetTimestamp();
        try
        {
            await node.Tunnels.ListAsync(id, patience.Token);
            return (Stopwatch.GetElapsedTime(begin), null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"no answer within {Patience.TotalSeconds:0} s");
        }
        catch (CocoException exception) when (exception.IsTransient)
        {
            return (null, exception.Message);
        }
    }
}
