using System.Diagnostics;
using Coco.Lab.Nat;
using Coco.Transport;
using Coco.Traversal.Finding;
using Coco.Traversal.Relays;

namespace Coco.Lab.Endpoints;

/// <summary>
/// One call: the caller knows who the callee is and its relays, and no address. Bytes go both ways at once and once more when the
/// connection has come to the path it stays on.
/// </summary>
internal static class NatCell
{
    private const int PayloadLength = 64 << 10;

    private static readonly TimeSpan DirectPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BirthdayPatience = TimeSpan.FromSeconds(15);

    // A punch lasts 3 s and TCP is tried for 8 s, before which nobody can say why there is no direct path.
    private static readonly TimeSpan VerdictPatience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan TransferPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    public static async Task<NatCellResult> RunAsync(
        (NatKind Caller, NatKind Callee) cell, LabNode caller, LabNode callee, EchoService service, IReadOnlyList<RelayInfo> relays)
    {
        var result = new NatCellResult { Caller = cell.Caller, Callee = cell.Callee };
        try
        {
            var start = Stopwatch.GetTimestamp();
            await using var connection = await caller.Endpoint.ConnectAsync(callee.Id, new() { Relays = relays });
            result = result with { Connected = Stopwatch.GetElapsedTime(start), FirstPath = connection.ActivePath!.Type };
            var isIntact = await RoundTrip.RunAsync(connection, PayloadLength, seed: 1, TransferPatience);
            result = result with { FirstByte = Stopwatch.GetElapsedTime(start, await service.FirstByteOf(caller.Id)) };

            var other = await service.ConnectionOf(caller.Id);
            result = result with { Direct = await DirectAsync(connection, other, result.Expected, start) };
            isIntact &= await RoundTrip.RunAsync(connection, PayloadLength, seed: 2, TransferPatience);
            var (here, there) = (connection.Verdict!, other.Verdict!);
            return result with
            {
                Failure = isIntact ? null : "bytes are not what was sent",
                Path = connection.ActivePath!.Type,
                CallerVerdict = here.Code,
                CalleeVerdict = there.Code,
                Evidence = $"caller: {string.Join(", ", here.Evidence)}; callee: {string.Join(", ", there.Evidence)}",
            };
        }
        catch (Exception exception) when (exception is TimeoutException or IOException)
        {
            return result with { Failure = exception.Message };
        }
    }

    // Null when they have not come to talk directly in the time such a pair has.
    private static async Task<TimeSpan?> DirectAsync(Connection one, Connection other, NatOutcome expected, long start)
    {
        using var over = new CancellationTokenSource(
            expected switch { NatOutcome.Direct => DirectPatience, NatOutcome.Birthday => BirthdayPatience, _ => VerdictPatience });
        using var settled = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
        var watching = expected is NatOutcome.Relay ? WatchVerdictsAsync(one, other, settled) : Task.CompletedTask;
        try
        {
            await Task.WhenAll(
                one.WaitForPathAsync(path => path.Type is PathType.Udp, settled.Token),
                other.WaitForPathAsync(path => path.Type is PathType.Udp, settled.Token));
            return Stopwatch.GetElapsedTime(start);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        finally
        {
            await settled.CancelAsync();
            await watching;
        }
    }

    // Where no direct path is expected: until both sides say why there is none, or that it is TCP.
    private static async Task WatchVerdictsAsync(Connection one, Connection other, CancellationTokenSource settled)
    {
        using var pulse = new PeriodicTimer(LookEvery);
        try
        {
            while (one.Verdict is null or { Code: VerdictCode.StillProbing } || other.Verdict is null or { Code: VerdictCode.StillProbing })
            {
                await pulse.WaitForNextTickAsync(settled.Token);
            }
            await settled.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // There is a direct path after all, or time is up.
        }
    }
}
