using System.Runtime.CompilerServices;
using Coco.Quic.Connections;
using Coco.Quic.Packets;
using Coco.Quic.Paths;
using Coco.Quic.Recovery;

namespace Coco.Quic.Tests.Connections;

/// <summary>What a peer that breaks the rules has to get at inside its own connection.</summary>
internal static class ConnectionInternals
{
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_data")]
    public static extern ref PacketSpace Data(QuicConnection connection);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_initial")]
    public static extern ref PacketSpace? Initial(QuicConnection connection);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_handshakeSpace")]
    public static extern ref PacketSpace? Handshake(QuicConnection connection);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_remoteIds")]
    public static extern ref RemoteConnectionIds RemoteIds(QuicConnection connection);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_localIds")]
    public static extern ref LocalConnectionIds LocalIds(QuicConnection connection);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_active")]
    public static extern ref NetworkPath Active(QuicConnection connection);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_keyPhase")]
    public static extern ref bool KeyPhase(QuicConnection connection);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_nextSkip")]
    public static extern ref long NextSkip(QuicConnection connection);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_ptoCount")]
    public static extern ref int PtoCount(QuicConnection connection);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_originalDestinationId")]
    public static extern ref ConnectionId OriginalDestinationId(QuicConnection connection);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_peerHandshakeId")]
    public static extern ref ConnectionId PeerHandshakeId(QuicConnection connection);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_retrySourceId")]
    public static extern ref ConnectionId RetrySourceId(QuicConnection connection);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_wasRetried")]
    public static extern ref bool WasRetried(QuicConnection connection);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_sentFrames")]
    public static extern ref SentFrameSlab SentFrames(QuicConnection connection);
}
