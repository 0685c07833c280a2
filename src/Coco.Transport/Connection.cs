using Coco.Crypto;
using Coco.Quic.Connections;
using Coco.Traversal.Finding;
using Coco.Traversal.Records;

namespace Coco.Transport;

/// <summary>
/// An encrypted connection to a node, whose identity is proved. It finds its own way and changes it while it lives: what was sent is
/// delivered whatever the way.
/// </summary>
public sealed partial class Connection : IAsyncDisposable
{
    /// <summary>The peer's identity.</summary>
    public NodeId PeerId { get; }

    /// <summary>As which of the endpoint's identities we called, or were called.</summary>
    public NodeId LocalId { get; }

    /// <summary>The newest that the peer has said, signed, of where it can be found; null before it said anything. Keep it to call the peer
    /// again (<see cref="ConnectHints.Record"/>), also when both have moved meanwhile.</summary>
    public AddressRecord? PeerRecord => _core.PeerRecord;

    /// <summary>Whether this side called.</summary>
    public bool IsCaller { get; }

    /// <summary>The paths known, with their figures as of at most 100 ms before something last happened; asking twice, some time apart, gets
    /// the newest.</summary>
    public IReadOnlyList<PathSnapshot> Paths => RecentView().Paths;

    /// <summary>The path in use; null only once the connection is closed before it had one.</summary>
    public PathSnapshot? ActivePath => _view.Active;

    /// <summary>Round trips, packets and losses, as fresh as <see cref="Paths"/>.</summary>
    public TransportStatistics Statistics => RecentView().Statistics;

    /// <summary>Why data goes the way it goes, with the evidence; null before anything is known.</summary>
    public Verdict? Verdict => RecentView().Verdict;

    /// <summary>Bytes of the largest datagram that can be sent now; 0 when the peer takes none.</summary>
    public int MaxDatagramLength => _view.MaxDatagramLength;

    /// <summary>Completes with the reason when the connection is over, whoever ended it. It never fails.</summary>
    public Task<CloseReason> Closed => WhenClosed();

    /// <summary>Data goes another way now. Raised on a thread of the pool, in order but maybe late: <see cref="ActivePath"/> tells how it is.</summary>
    public event EventHandler<PathChangedEventArgs>? PathChanged;

    /// <summary>Opens a stream. The peer learns of it with its first bytes. Waits while the peer allows no more streams.</summary>
    /// <param name="bidirectional">Whether the peer can send on it too.</param>
    /// <param name="cancellationToken">Ends the wait; a stream that was opened meanwhile is given up again.</param>
    public ValueTask<ConnectionStream> OpenStreamAsync(bool bidirectional = true, CancellationToken cancellationToken = default) =>
        OpenAsync(bidirectional, cancellationToken);

    /// <summary>The next stream that the peer opened. A connection that is over fails this once all its streams were handed out.</summary>
    public ValueTask<ConnectionStream> AcceptStreamAsync(CancellationToken cancellationToken = default) => AcceptAsync(cancellationToken);

    /// <summary>Sends a datagram, which may be lost, as may its order. False when it is larger than <see cref="MaxDatagramLength"/>, too many
    /// wait to be sent, or the connection is over.</summary>
    public bool TrySendDatagram(ReadOnlySpan<byte> data) => TrySend(data);

    /// <summary>Sends a datagram, which may be lost, as may its order. Waits while too many wait to be sent.</summary>
    public ValueTask SendDatagramAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) => SendAsync(data, cancellationToken);

    /// <summary>The next datagram of the peer's. Where nobody takes them the oldest are dropped.</summary>
    /// <param name="destination">Where to put it. 65,535 bytes always suffice; of a longer datagram the rest
    /// is dropped.</param>
    /// <param name="cancellationToken">Ends the wait; nothing is taken then.</param>
    /// <returns>The datagram's length.</returns>
    public ValueTask<int> ReceiveDatagramAsync(Memory<byte> destination, CancellationToken cancellationToken = default) =>
        ReceiveAsync(destination, cancellationToken);

    /// <summary>Waits until data goes a way that satisfies.</summary>
    /// <param name="predicate">What is waited for, for example <c>path => !path.IsRelayed</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<PathSnapshot> WaitForPathAsync(Func<PathSnapshot, bool> predicate, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        while (true)
        {
            var change = NextPathChange();
            if (ActivePath is { } path && predicate(path)) { return path; }
            if (Closed.IsCompleted) { throw (await Closed.ConfigureAwait(false)).ToException(PeerId); }
            await change.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Ends the connection. Streams whose writes were completed are waited for, for <see cref="TransportOptions.CloseTimeout"/>
    /// at most; all others end at once, on both sides. Done when the peer was told.</summary>
    /// <param name="code">Told to the peer's application. Below 2^62.</param>
    /// <param name="reason">Told to the peer for people to read; some 200 characters are passed on.</param>
    /// <param name="cancellationToken">Ends the wait; the connection ends nevertheless.</param>
    public Task CloseAsync(ulong code = 0, string reason = "", CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(code, 1UL << 62);
        ArgumentNullException.ThrowIfNull(reason);
        return RequestClose(code, reason).WaitAsync(cancellationToken);
    }

    /// <summary>Closes the connection, if it is open, with code 0. Twice is safe.</summary>
    public async ValueTask DisposeAsync()
    {
        await RequestClose(0, "").ConfigureAwait(false);
        ReleaseWhatIsUnread();
    }
}
