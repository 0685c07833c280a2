using Coco.Crypto;
using Coco.Transport;
using Coco.Transport.Udp;
using Coco.Traversal;

namespace Coco.Hosting;

/// <content>Calls: whom the mesh and the app want to be connected to.</content>
internal sealed partial class MemberLoop
{
    private static readonly TimeSpan AddressWait = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<NodeId, Call> _dialing = [];
    private readonly Dictionary<NodeId, List<Waiter>> _waiting = [];

    /// <summary>A session with a member, over the connection that is there or over a new one.</summary>
    /// <param name="node">Which; default where it is named.</param>
    /// <param name="name">Its name; null where <paramref name="node"/> says which.</param>
    /// <param name="use">Whose the session is to be.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<NodeConnection> ConnectAsync(NodeId node, string? name, SessionUse use, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<NodeConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        await AskAsync((_, _) => { Seek(node, name, new(answer, use)); return true; }, cancellationToken).ConfigureAwait(false);
        try
        {
            using var registration = _ended.Token.UnsafeRegister(_ => answer.TrySetException(new ObjectDisposedException(nameof(Node), "The node is disposed.")), null);
            return await answer.Task.WaitAsync(_options.ConnectTimeout, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // One that comes after all is nobody's.
            if (!answer.TrySetCanceled(CancellationToken.None) && answer.Task.IsCompletedSuccessfully)
            {
                await (await answer.Task.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            }
            if (exception is OperationCanceledException) { throw; }
            throw new CocoException(CocoError.Unreachable, "The member did not answer in time. It may be off, or no way to it is open: try again later.", exception);
        }
    }

    private void Want(NodeId peer, Waiter waiter)
    {
        if (View.IsRemoved) { throw Failures.SelfRemoved(); }
        if (peer == Self) { throw new CocoException(CocoError.Invalid, "This is the node itself: connect to another member."); }
        if (_current.TryGetValue(peer, out var link) && link.IsVerified && !link.IsClosing)
        {
            Give(link, waiter);
            return;
        }
        if (!_waiting.TryGetValue(peer, out var waiting)) { _waiting[peer] = waiting = []; }
        waiting.Add(waiter);
        if (link is null || link.IsClosing) { Dial(peer); }
    }

    private static void Give(PeerLink link, Waiter waiter)
    {
        var answer = waiter.Answer;
        if (answer.Task.IsCompleted) { return; }
        if (link.TryOpenSession(waiter.Use) is not { } session)
        {
            answer.TrySetException(new CocoException(CocoError.Overloaded, $"There are too many connections with {link.Peer} already: dispose of some."));
        }
        else if (!answer.TrySetResult(session)) { session.HandleLost(new(CocoError.ConnectionClosed, "Nobody waited for it.")); }
    }

    // The peer is verified.
    private void Answer(NodeId peer)
    {
        if (!_waiting.Remove(peer, out var waiting) || !_current.TryGetValue(peer, out var link)) { return; }
        foreach (var waiter in waiting) { Give(link, waiter); }
    }

    private void HandleNoLink(NodeId peer, Exception? cause)
    {
        if (_dialing.ContainsKey(peer) || !_waiting.Remove(peer, out var waiting)) { return; }
        foreach (var waiter in waiting) { waiter.Answer.TrySetException(Failures.Unreachable(peer, cause)); }
    }

    // Links of the mesh are made without the mesh. A connection that goes over it looks for a way of its own all the time.
    private void DialForMesh(NodeId peer, bool viaMesh)
    {
        if (_current.ContainsKey(peer)) { _member.HandleConnectFailed(peer, Now); }
        else { Dial(peer, viaMesh); }
    }

    // Ways: addresses, relays, punching, and for the app's calls a route over other members. Such a call takes the place of one for the mesh.
    private void Dial(NodeId peer, bool viaMesh = true)
    {
        if (_isLeaving) { return; }
        if (_dialing.TryGetValue(peer, out var earlier))
        {
            if (earlier.ViaMesh || !viaMesh) { return; }
            earlier.Over.Cancel();
        }
        var nearby = _member.LanAddressesOf(peer);
        var hints = new ConnectHints
        {
            Addresses = [.. nearby.Select(address => address.ToIPEndPoint())],
            Relays = RelaysFor(peer),
            Record = _member.AddressOf(peer),
            CallAs = Self,
            ViaMesh = viaMesh,
            Timeout = _options.ConnectTimeout,
        };
        var call = new Call(CancellationTokenSource.CreateLinkedTokenSource(_leaving.Token), viaMesh, nearby);
        _dialing[peer] = call;
        if (!Tasks.TryRun(() => DialAsync(peer, hints, call))) { Forget(peer, call); }
    }

    // A call under way that knows nothing of the place would go on in vain until its time is over.
    private void DialAnew(NodeId peer, IReadOnlyList<NetworkAddress> found)
    {
        if (!_dialing.TryGetValue(peer, out var call) || found.All(address => call.Nearby.Contains(address))) { return; }
        _dialing.Remove(peer);
        call.Over.Cancel();
        Dial(peer, call.ViaMesh);
    }

    private async Task DialAsync(NodeId peer, ConnectHints hints, Call call)
    {
        try
        {
            var connection = await _endpoint.ConnectAsync(peer, hints, call.Over.Token).ConfigureAwait(false);
            await PostAsync(() =>
            {
                Forget(peer, call);
                HandleDialed(connection);
            }).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TransportException or TimeoutException or ObjectDisposedException or OperationCanceledException or ArgumentException)
        {
            await PostAsync(() => HandleDialFailed(peer, call, exception)).ConfigureAwait(false);
        }
    }

    private void HandleDialFailed(NodeId peer, Call call, Exception cause)
    {
        if (!Forget(peer, call)) { return; } // another took its place
        _logger.DialFailed(peer, cause.Message);
        if (_current.ContainsKey(peer)) { return; } // it called us meanwhile
        var lacksAddress = cause is TransportException { Code: TransportError.NoRoute };
        _member.HandleConnectFailed(peer, Now, lacksAddress);
        if (lacksAddress && IsAwaited(peer)) { Tasks.TryRun(() => DialSoonAsync(peer)); }
        else { HandleNoLink(peer, cause); }
    }

    // The peer called us meanwhile: an answer to our own call would only be let go of.
    private void CallNoMore(NodeId peer)
    {
        if (!_current.ContainsKey(peer) || !_dialing.Remove(peer, out var call)) { return; }
        call.Over.Cancel();
    }

    // Whether it was the newest.
    private bool Forget(NodeId peer, Call call)
    {
        var isNewest = _dialing.TryGetValue(peer, out var newest) && newest == call;
        if (isNewest) { _dialing.Remove(peer); }
        call.Over.Dispose();
        return isNewest;
    }

    // Where a member is may be on its way from a neighbour still; whoever waits for the connection says how long.
    private bool IsAwaited(NodeId peer) =>
        _waiting.TryGetValue(peer, out var waiting) && waiting.RemoveAll(static waiter => waiter.Answer.Task.IsCompleted) >= 0 && waiting.Count > 0
        && View.Members.Any(member => member.Id == peer && member.IsReachable);

    private async Task DialSoonAsync(NodeId peer)
    {
        await Task.Delay(AddressWait, _options.TimeProvider, _leaving.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await PostAsync(() =>
        {
            if (!_current.ContainsKey(peer) && IsAwaited(peer)) { Dial(peer); }
            else if (!_current.ContainsKey(peer)) { HandleNoLink(peer, null); }
        }).ConfigureAwait(false);
    }

    private readonly CancellationTokenSource _leaving = new();

    private sealed record Waiter(TaskCompletionSource<NodeConnection> Answer, SessionUse Use);

    private sealed record Call(CancellationTokenSource Over, bool ViaMesh, IReadOnlyList<NetworkAddress> Nearby);
}
