using System.Buffers;
using Coco.Cluster;
using Coco.Crypto;
using Coco.Hosting;
using Coco.Quic.Packets;
using Coco.Transport;
using Coco.Traversal.Finding;

namespace Coco;

/// <summary>
/// A connection between the apps of two members: streams and datagrams, encrypted from end to end. All connections of one pair, and the
/// mesh, share one association, so making another costs nothing. The peer's app learns of it with the first stream.
/// </summary>
public sealed partial class NodeConnection : IAsyncDisposable
{
    // Chosen: as long as a node waits for its goodbyes.
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(2);

    private readonly PeerLink _link;

    internal NodeConnection(PeerLink link, ulong number, bool isCaller) => (_link, Number, IsCaller) = (link, number, isCaller);

    /// <summary>The peer, which has shown that it is a member.</summary>
    public NodeId PeerId => _link.Peer;

    /// <summary>Whether this side opened it.</summary>
    public bool IsCaller { get; }

    /// <summary>The path in use.</summary>
    public PathSnapshot? ActivePath => _link.Connection.ActivePath;

    /// <summary>Why data goes the way it goes, with the evidence; null before anything is known.</summary>
    public Verdict? Verdict => _link.Connection.Verdict;

    /// <summary>Round trips, packets and losses of all that is between the two nodes.</summary>
    public TransportStatistics Statistics => _link.Connection.Statistics;

    /// <summary>Completes when the connection is over, whoever ended it. It never fails.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Bytes of the largest datagram that can be sent now; 0 when the peer takes none.</summary>
    public int MaxDatagramLength => Math.Max(0, _link.Connection.MaxDatagramLength - VarInt.Length(Number));

    internal ulong Number { get; }

    /// <summary>Whose it is; under the link's lock until it is known.</summary>
    internal SessionUse Use { get; set; }

    /// <summary>The association.</summary>
    internal Connection Association => _link.Connection;

    /// <summary>Completes when the association is over, and all streams with it.</summary>
    internal Task AssociationClosed => _link.Connection.Closed;

    /// <summary>Takes the peer's datagrams in place of <see cref="ReceiveDatagramAsync"/>, one after the other.</summary>
    internal Action<ReadOnlySpan<byte>>? DatagramSink { get; set; }

    /// <summary>Opens a stream of a kind of its own, with what begins it.</summary>
    internal ValueTask<ConnectionStream> OpenWithAsync(byte[] header, CancellationToken cancellationToken) => OpenAsync(header, isBidirectional: true, cancellationToken);

    /// <summary>Opens a stream on which only this side sends, of a kind of its own.</summary>
    internal ValueTask<ConnectionStream> OpenOneWayAsync(byte[] header, CancellationToken cancellationToken) => OpenAsync(header, isBidirectional: false, cancellationToken);

    /// <summary>Opens a stream. The peer learns of it with its first bytes. Waits while the peer allows no more streams.</summary>
    /// <param name="bidirectional">Whether the peer can send on it too.</param>
    /// <param name="cancellationToken">Ends the wait; a stream that was opened meanwhile is given up again.</param>
    public ValueTask<ConnectionStream> OpenStreamAsync(bool bidirectional = true, CancellationToken cancellationToken = default) =>
        OpenAsync(StreamHeader.Of(StreamKind.App, Number), bidirectional, cancellationToken);

    /// <summary>The next stream that the peer opened. Fails when the connection is over and all its streams were handed out.</summary>
    public ValueTask<ConnectionStream> AcceptStreamAsync(CancellationToken cancellationToken = default) => AcceptAsync(_streams.Reader, cancellationToken);

    /// <summary>Opens a stream to a service of the peer's, which lets us by its policy or does not.</summary>
    /// <param name="service">The service's name, a label: 1 to 64 characters from a-z, 0-9, '.', '-' and '_'.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="CocoException"><see cref="CocoError.Denied"/>: the policy does not allow it.</exception>
    public async Task<ConnectionStream> OpenServiceAsync(string service, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(service);
        if (!Labels.IsValid(service)) { throw new ArgumentException($"'{service}' is no name of a service.", nameof(service)); }
        var stream = await OpenAsync(StreamHeader.OfService(Number, service), isBidirectional: true, cancellationToken).ConfigureAwait(false);
        try
        {
            if (await stream.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false) == 1) { return stream; }
            throw new CocoException(CocoError.ConnectionClosed, $"{PeerId} ended the stream to service {service} without a word. Update the older of the two programs.");
        }
        catch (TransportException exception)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw exception.ApplicationCode == (ulong)WireError.Denied
                ? new CocoException(CocoError.Denied, $"{PeerId} does not let this node use its service {service}. An admin can allow it in the network's policy.", exception)
                : Failures.Of(exception);
        }
        catch
        {
            stream.Abort(0);
            throw;
        }
    }

    /// <summary>The next stream that the peer opened to a service of this node's, and may.</summary>
    public ValueTask<ServiceStream> AcceptServiceAsync(CancellationToken cancellationToken = default) => AcceptAsync(_services.Reader, cancellationToken);

    /// <summary>Sends a datagram, which may be lost, as may its order. The peer gets it once it knows of the connection, by a stream. False when it is
    /// larger than <see cref="MaxDatagramLength"/>, too many wait to be sent, or the connection is over.</summary>
    public bool TrySendDatagram(ReadOnlySpan<byte> data)
    {
        if (_closed.Task.IsCompleted || data.Length > MaxDatagramLength) { return false; }
        var buffer = ArrayPool<byte>.Shared.Rent(VarInt.MaxLength + data.Length);
        var header = VarInt.Write(buffer, Number);
        data.CopyTo(buffer.AsSpan(header));
        var isSent = _link.Connection.TrySendDatagram(buffer.AsSpan(0, header + data.Length));
        ArrayPool<byte>.Shared.Return(buffer);
        return isSent;
    }

    /// <summary>The next datagram of the peer's. Where nobody takes them the oldest are dropped.</summary>
    /// <returns>The datagram's length; what does not fit in <paramref name="destination"/> is dropped.</returns>
    public async ValueTask<int> ReceiveDatagramAsync(Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        var (buffer, length) = await AcceptAsync(_datagrams.Reader, cancellationToken).ConfigureAwait(false);
        length = Math.Min(length, destination.Length);
        buffer.AsSpan(0, length).CopyTo(destination.Span);
        ArrayPool<byte>.Shared.Return(buffer);
        return length;
    }

    /// <summary>Ends the connection. Streams that are open stay so, each until it is done.</summary>
    /// <param name="code">Told to the peer. Below 2^62.</param>
    /// <param name="cancellationToken">Ends the wait; the connection ends nevertheless.</param>
    public Task CloseAsync(ulong code = 0, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(code, 1UL << 62);
        return End(code).WaitAsync(cancellationToken);
    }

    /// <summary>As <see cref="CloseAsync"/>, but waits for 2 s at most: a peer that has no room for another stream is told when it has. Twice is safe.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await End(0).WaitAsync(LongestEnd).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // It is still sent, unless the association ends before.
        }
    }
}
