using Coco.Crypto;
using Coco.Data.Core;
using Coco.Messages;
using Coco.Transport;

namespace Coco.Data;

/// <summary>The streams between this node and a peer: one, or two where both have called. Under the lock of <see cref="NodeData"/>.</summary>
internal sealed class DataPeer(DataLink link, TimeSpan since)
{
    private readonly List<(ConnectionStream Stream, NodeId Opener, Connection Association)> _streams = [];

    public DataLink Link { get; } = link;

    /// <summary>Wakes the writer.</summary>
    public AsyncSignal Signal { get; } = new();

    /// <summary>When it came to be.</summary>
    public TimeSpan Since { get; } = since;

    public bool HasShared => Link.Tables.Values.Any(static linked => linked.IsShared);

    public bool IsOver => _streams.Count == 0;

    /// <summary>The one to write to: both ends choose that of the smaller identity.</summary>
    public ConnectionStream? Stream => _streams.Count == 0 ? null : _streams.MinBy(static one => one.Opener).Stream;

    public IEnumerable<ConnectionStream> Streams => _streams.Select(static one => one.Stream);

    public void Add(ConnectionStream stream, NodeId opener, Connection association) => _streams.Add((stream, opener, association));

    /// <summary>Those on another association than the one that is used now.</summary>
    public IEnumerable<ConnectionStream> StreamsNotOf(Connection? current) =>
        _streams.Where(one => current is not null && one.Association != current).Select(static one => one.Stream);

    /// <summary>Says nothing more, and gives the streams to be ended.</summary>
    public ConnectionStream[] Break()
    {
        ConnectionStream[] streams = [.. Streams];
        _streams.Clear();
        return streams;
    }

    public void Remove(ConnectionStream stream) => _streams.RemoveAll(one => one.Stream == stream);
}
