using Coco.Cluster.Time;
using Coco.ControlPlanes;
using Coco.Transport;
using Coco.Traversal.Relays;

namespace Coco.Hosting;

/// <content>
/// What time it is, asked of the control planes that the network lists, until somebody has told it: a device without a clock may have met no member that
/// knows. Whoever knows the time for sure asks nobody, so a control plane that lies moves no clock that the host vouches for.
/// </content>
internal sealed partial class MemberLoop
{
    // Chosen: a device that was just switched on has no way out yet; later it is not worth more than a question an hour.
    private static readonly TimeSpan FirstTimeRetry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LastTimeRetry = TimeSpan.FromHours(1);
    private static readonly TimeSpan TimePatience = TimeSpan.FromSeconds(10);

    private bool _isAskingTime;

    private void AskPlanesForTime()
    {
        if (_isAskingTime || _planes.Count == 0 || _member.Time(Now).IsTrusted) { return; }
        _isAskingTime = Tasks.TryRun(AskPlanesAsync);
    }

    private async Task AskPlanesAsync()
    {
        try
        {
            for (var wait = FirstTimeRetry; ; wait = wait * 2 < LastTimeRetry ? wait * 2 : LastTimeRetry)
            {
                var (planes, isTrusted) = await AskAsync((member, now) => (_planes, member.Time(now).IsTrusted), _ended.Token).ConfigureAwait(false);
                if (isTrusted || planes.Count == 0) { break; }
                foreach (var plane in PlaneOrder.For(Self, planes).Take(MaxPlanesAsked))
                {
                    if (await TryAskTimeAsync(plane).ConfigureAwait(false)) { break; }
                }
                await Task.Delay(wait, _options.TimeProvider, _ended.Token).ConfigureAwait(false);
            }
            await PostAsync(() => _isAskingTime = false).ConfigureAwait(false); // a later list begins anew
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The node has ended.
        }
    }

    private async Task<bool> TryAskTimeAsync(RelayInfo plane)
    {
        var question = await AskAsync((member, now) => member.AskPlaneTime(plane.Id, now), _ended.Token).ConfigureAwait(false);
        if (question is null) { return true; }
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
        patience.CancelAfter(TimePatience);
        try
        {
            var connection = await _endpoint.ConnectAsync(plane.Id, HintsOf(plane, TimePatience), patience.Token).ConfigureAwait(false);
            await using var held = connection.ConfigureAwait(false);
            var stream = await connection.OpenStreamAsync(cancellationToken: patience.Token).ConfigureAwait(false);
            await using var open = stream.ConfigureAwait(false);
            await stream.WriteAsync(question, patience.Token).ConfigureAwait(false);
            await stream.CompleteWritesAsync(patience.Token).ConfigureAwait(false);
            var answer = new byte[LiveTime.AnswerSize];
            if (await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, patience.Token).ConfigureAwait(false) < answer.Length) { return false; }
            return await AskAsync((member, now) => member.HandlePlaneTime(plane.Id, question, answer, now), _ended.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TransportException or TimeoutException || (exception is OperationCanceledException && !_ended.IsCancellationRequested))
        {
            _logger.DialFailed(plane.Id, exception.Message);
            return false;
        }
    }
}
