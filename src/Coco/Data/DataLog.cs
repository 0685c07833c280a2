using Coco.Crypto;
using Coco.Data.Core;
using Microsoft.Extensions.Logging;

namespace Coco.Data;

/// <summary>What the store of entries and blobs tells.</summary>
internal static partial class DataLog
{
    [LoggerMessage(1560, LogLevel.Error, "Node {Node}: data could not be stored, and is not acknowledged")]
    public static partial void DataNotStored(this ILogger logger, NodeId node, Exception exception);

    [LoggerMessage(1561, LogLevel.Debug, "Peer {Peer}: no data is exchanged now: {Cause}")]
    public static partial void NotLinked(this ILogger logger, NodeId peer, string cause);

    [LoggerMessage(1562, LogLevel.Warning, "Peer {Peer}: {Count} entries of {Collection} were refused: {Why}")]
    public static partial void EntriesRefused(this ILogger logger, NodeId peer, CollectionName collection, int count, Refusal why);

    [LoggerMessage(1563, LogLevel.Warning, "Peer {Peer} refused {Count} entries of this node: {Why}")]
    public static partial void WasRefused(this ILogger logger, NodeId peer, int count, Refusal why);

    [LoggerMessage(1564, LogLevel.Warning, "Peer {Peer} sent data that makes no sense, and its stream was ended")]
    public static partial void Malformed(this ILogger logger, NodeId peer);

    [LoggerMessage(1565, LogLevel.Warning, "Peer {Peer} sent bytes of blob {Blob} that are not those asked for; others are asked")]
    public static partial void WrongBlobBytes(this ILogger logger, NodeId peer, BlobId blob);

    [LoggerMessage(1566, LogLevel.Debug, "Peer {Peer}: blob {Blob} does not come: {Cause}")]
    public static partial void BlobNotFetched(this ILogger logger, NodeId peer, BlobId blob, string cause);

    [LoggerMessage(1567, LogLevel.Warning, "Blob {Blob} is not kept here: {Cause}")]
    public static partial void BlobNotKept(this ILogger logger, BlobId blob, string cause);

    [LoggerMessage(1568, LogLevel.Error, "Node {Node}: data that is stored could not be read")]
    public static partial void DataNotRead(this ILogger logger, NodeId node, Exception exception);
}
