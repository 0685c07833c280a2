using Coco.Crypto;
using Coco.Transport;

namespace Coco.Hosting;

/// <summary>
/// One connection with one peer, shared by the mesh and by the app's sessions. What stands under "the loop's" is touched by the node's loop only.
/// </summary>
internal sealed partial class PeerLink
{
    // Chosen: mesh, join and what an app opens before its node knows us. Beyond that, a stranger is knocking.
    private const int MaxUnprovenStreams = 16;

    private readonly MemberLoop _loop;
    private readonly Connection _connection;
    private readonly TaskCompletionSource<bool> _verified = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _unprovenStreams;

    public PeerLink(MemberLoop loop, Connection connection)
    {
        (_loop, _connection) = (loop, connection);
        _nextSession = IsCaller ? 0ul : 1ul;
    }

    public NodeId Peer => _connection.PeerId;

    public Connection Connection => _connection;

    /// <summary>Whether this side called.</summary>
    public bool IsCaller => _connection.IsCaller;

    // The loop's:

    /// <summary>The mesh stream; null until it is open.</summary>
    public FrameStream? Mesh { get; set; }

    /// <summary>Whether anything came on it: the peer knows of this connection.</summary>
    public bool HasHeard { get; set; }

    public bool IsVerified { get; private set; }

    /// <summary>Whether closing has begun.</summary>
    public bool IsClosing { get; private set; }

    /// <summary>What may not be said before the peer has shown that it belongs.</summary>
    public List<ReadOnlyMemory<byte>> Held { get; } = [];

    /// <summary>Whether the mesh has said that it needs the connection no more.</summary>
    public bool IsUnwanted { get; set; }

    /// <summary>Packets sent and received when the link was looked at last.</summary>
    public (long Sent, long Received) Packets { get; set; }

    /// <summary>Whether a sign of life is waited for.</summary>
    public bool IsProbed { get; set; }

    /// <summary>Whether packets go through other members now.</summary>
    public bool IsOverMesh => _connection.ActivePath is { Type: PathType.Mesh };

    /// <summary>When the connection is closed unless something becomes of it.</summary>
    public TimeSpan CloseAt { get; set; } = TimeSpan.MaxValue;

    /// <summary>Streams go to the app from now on.</summary>
    public void Verify()
    {
        IsVerified = true;
        CloseAt = TimeSpan.MaxValue;
        SetNeighbour();
        _verified.TrySetResult(true);
    }

    /// <summary>Members pass on what others send over links of their own.</summary>
    public void SetNeighbour()
    {
        var isNeighbour = IsVerified && !IsClosing && !IsOverMesh;
        if (_connection.IsNeighbour != isNeighbour) { _connection.IsNeighbour = isNeighbour; }
    }

    /// <summary>Serves the connection until it is over.</summary>
    public async Task RunAsync()
    {
        var tasks = new TaskSet();
        try
        {
            while (true)
            {
                var stream = await _connection.AcceptStreamAsync().ConfigureAwait(false);
                if (!_verified.Task.IsCompleted && Interlocked.Increment(ref _unprovenStreams) > MaxUnprovenStreams) { stream.Abort((ulong)WireError.TooMany); }
                else if (!tasks.TryRun(() => ServeAsync(stream))) { stream.Abort((ulong)WireError.TooMany); }
            }
        }
        catch (TransportException)
        {
            // The connection is over.
        }
        var reason = await _connection.Closed.ConfigureAwait(false);
        _verified.TrySetResult(false);
        EndSessions(new CocoException(CocoError.ConnectionClosed, $"The connection to {Peer} is over: {reason.Message} Connect again."));
        await _loop.PostAsync(() => _loop.HandleLinkClosed(this)).ConfigureAwait(false);
        await tasks.WhenAllEnded().ConfigureAwait(false);
    }

    /// <summary>Opens the mesh stream; the caller's part. Its beginning goes out with the first frames, when it is served.</summary>
    public async Task<FrameStream> OpenMeshAsync()
    {
        var mesh = new FrameStream(await _connection.OpenStreamAsync().ConfigureAwait(false));
        mesh.TrySend(StreamHeader.Of(StreamKind.Mesh));
        return mesh;
    }

    /// <summary>Carries frames until the mesh stream ends, which ends the connection.</summary>
    public async Task ServeMeshAsync(FrameStream mesh)
    {
        var writing = mesh.WriteAsync();
        var isWellFormed = true;
        try
        {
            isWellFormed = await mesh.ReadAsync(frames =>
            {
                var copy = frames.ToArray();
                return _loop.PostAsync(() => _loop.HandleFrames(this, copy));
            }).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TransportException or ObjectDisposedException)
        {
            // The connection, or the stream, is over.
        }
        mesh.Complete();
        await writing.ConfigureAwait(false);
        if (!isWellFormed) { _loop.NoteNoFrame(this); }
        if (isWellFormed) { await CloseAsync(WireError.Unused, "").ConfigureAwait(false); }
        else { await CloseAtOnceAsync(WireError.Malformed, "a frame is none").ConfigureAwait(false); }
    }

    /// <summary>Closes the connection once what was said has arrived; on the loop.</summary>
    public void Close(WireError code, string reason, TimeSpan patience)
    {
        if (IsClosing) { return; }
        IsClosing = true;
        CloseAt = TimeSpan.MaxValue;
        SetNeighbour();
        _loop.Tasks.TryRun(() => FinishAsync(code, reason, patience));
    }

    // Patience bounds what a peer that acknowledges nothing can win: a removed one is gone within a second.
    private async Task FinishAsync(WireError code, string reason, TimeSpan patience)
    {
        Mesh?.Complete();
        var closing = CloseAfterMeshAsync(code, reason);
        using var over = new CancellationTokenSource();
        await Task.WhenAny(closing, Task.Delay(patience, over.Token)).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        await CloseAtOnceAsync(code, reason).ConfigureAwait(false);
        await closing.ConfigureAwait(false);
    }

    private async Task CloseAfterMeshAsync(WireError code, string reason)
    {
        if (Mesh is { } mesh) { await mesh.Written.ConfigureAwait(false); }
        await CloseAsync(code, reason).ConfigureAwait(false);
    }

    private Task CloseAsync(WireError code, string reason) => _connection.CloseAsync((ulong)code, reason);

    private Task CloseAtOnceAsync(WireError code, string reason) => _connection.CloseAtOnceAsync((ulong)code, reason);
}
