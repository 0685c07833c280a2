using Coco.Crypto;
using Coco.Quic;
using Coco.Quic.Connections;

namespace Coco.Transport;

/// <summary>Why connections ended, as exceptions.</summary>
internal static class CloseReasons
{
    // RFC 9000 §20.1: 0x0100 to 0x01ff carry a TLS alert.
    private const ulong FirstAlert = 0x0100, LastAlert = 0x01FF;

    /// <summary>For what was asked of a connection that is over.</summary>
    public static TransportException ToException(this CloseReason reason, NodeId peer) => reason.Kind switch
    {
        CloseKind.LocalApplication => new(TransportError.ClosedHere, $"The connection to {peer} was closed here{Suffix(reason)}."),
        CloseKind.PeerApplication => new(TransportError.ClosedByPeer, $"{peer} closed the connection with code {reason.Code}{Suffix(reason)}.", reason.Code),
        CloseKind.IdleTimeout => new(TransportError.ConnectionLost, $"Nothing was heard from {peer} for too long: the connection is lost. Connect again."),
        CloseKind.StatelessReset => new(TransportError.ConnectionLost, $"{peer} has lost the connection, as after a restart. Connect again."),
        _ => FailedCall(reason, peer),
    };

    /// <summary>For a call that came to nothing.</summary>
    public static Exception ToConnectException(this CloseReason reason, NodeId peer) => reason.Kind switch
    {
        CloseKind.HandshakeTimeout or CloseKind.IdleTimeout => NoAnswer(peer),
        _ => reason.ToException(peer),
    };

    /// <summary>Silence: nobody is there, or somebody who does not have the identity that was called and so never answers.</summary>
    public static TimeoutException NoAnswer(NodeId peer) =>
        new($"No answer from {peer} in time. Either nothing is reachable at the addresses tried, or whoever is there does not have this identity: nodes are silent to callers of others.");

    private static TransportException FailedCall(CloseReason reason, NodeId peer)
    {
        if (reason is { Kind: CloseKind.LocalTransport, Code: 0 }) { return new(TransportError.NoRoute, $"{peer} cannot be called. {reason.Message}"); }
        if (reason.Code == (ulong)QuicErrorCode.ConnectionRefused) { return new(TransportError.ConnectionRefused, $"{peer} turned the connection away{Suffix(reason)}. Try again later."); }
        if (reason.Code is >= FirstAlert and <= LastAlert || reason.Kind is CloseKind.VersionNegotiation)
        {
            return new(TransportError.HandshakeFailed, $"Whoever answered in place of {peer} is somebody else, or speaks another protocol{Suffix(reason)}.");
        }
        return new(TransportError.ProtocolViolation, $"The connection to {peer} ended by error 0x{reason.Code:x} of the protocol{Suffix(reason)}.");
    }

    private static string Suffix(CloseReason reason) => reason.Message.Length == 0 ? "" : $": {reason.Message.TrimEnd('.')}";
}
