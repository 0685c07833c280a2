using System.Buffers;
using System.Threading.Channels;
using Coco.Crypto;

namespace Coco.Tunnels;

/// <summary>
/// Datagrams between this app and what stands behind a peer's service, without a local end. As with any datagrams, some are lost and some come out of
/// order. It ends when either side ends it, with the connection to the peer, or when nothing has gone either way for
/// <see cref="TunnelOptions.FlowTimeout"/>. Thread-safe.
/// </summary>
public sealed class TunnelDatagrams : IAsyncDisposable
{
    /// <summary>The longest datagram, that of UDP over IPv4.</summary>
    public const int MaxLength = 65_507;

    // Chosen: what an app may be behind by; the newest is dropped then, as sockets do.
    private const int MaxWaiting = 256;

    private readonly Channel<byte[]> _received = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.Wait });
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _agreed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LocalFlow _flow;
    private Task _running = Task.CompletedTask;

    internal TunnelDatagrams(NodeId node, string service, TunnelCounters counters)
    {
        (Node, Service, Counters) = (node, service, counters);
        _flow = new(counters, datagram => _received.Writer.TryWrite(datagram.ToArray()), () => _agreed.TrySetResult());
    }

    /// <summary>Whose service it is.</summary>
    public NodeId Node { get; }

    /// <summary>The service's name.</summary>
    public string Service { get; }

    /// <summary>What went through.</summary>
    public TunnelStatistics Statistics => Counters.Read(Parts.Count);

    /// <summary>Completes when the peer has agreed; fails with why not.</summary>
    internal Task Agreed => _agreed.Task;

    internal ActiveSet Parts { get; } = new(1);

    internal TunnelCounters Counters { get; }

    /// <summary>Sends one. False where it is lost here already: the path takes no more for now, or it is over.</summary>
    /// <exception cref="ArgumentException">It is longer than <see cref="MaxLength"/>.</exception>
    public bool TrySend(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length > MaxLength) { throw new ArgumentException($"A datagram has at most {MaxLength} bytes, and this one {datagram.Length}.", nameof(datagram)); }
        if (_closing.IsCancellationRequested || _received.Reader.Completion.IsCompleted) { return false; }
        var buffer = ArrayPool<byte>.Shared.Rent(FlowHeader.MaxLength + datagram.Length);
        try
        {
            datagram.CopyTo(buffer.AsSpan(FlowHeader.MaxLength));
            return _flow.Send(buffer, FlowHeader.MaxLength, datagram.Length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The next that has come.</summary>
    /// <exception cref="CocoException"><see cref="CocoError.ConnectionClosed"/> when it is over.</exception>
    public async ValueTask<byte[]> ReceiveAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await _received.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw Over();
        }
    }

    /// <summary>Those that come, until it is over.</summary>
    public IAsyncEnumerable<byte[]> ReceiveAllAsync(CancellationToken cancellationToken = default) => _received.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Ends it. Twice is safe.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        Parts.Close();
        await _running.ConfigureAwait(false);
    }

    internal void Start(Func<LocalFlow, CancellationToken, Task> carry, Action ended) => _running = RunAsync(carry, ended);

    private async Task RunAsync(Func<LocalFlow, CancellationToken, Task> carry, Action ended)
    {
        Exception? failure = null;
        try
        {
            await carry(_flow, _closing.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is CocoException or OperationCanceledException or ObjectDisposedException)
        {
            failure = exception;
        }
        ended();
        _agreed.TrySetException(failure ?? Over());
        _received.Writer.TryComplete();
    }

    private CocoException Over() => new(CocoError.ConnectionClosed, $"Datagrams with {Service} of {Node} are over. Connect again.");
}
