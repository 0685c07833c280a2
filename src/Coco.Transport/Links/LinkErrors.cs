using System.Net.Sockets;
using System.Security.Authentication;
using Coco.Traversal.Links;

namespace Coco.Transport.Links;

/// <summary>What the platform's exceptions mean for a link.</summary>
internal static class LinkErrors
{
    public static (LinkFailure Failure, string Detail) Describe(Exception exception) => exception switch
    {
        LinkException known => (known.Failure, known.Message),
        SocketException socket => (Of(socket.SocketErrorCode), socket.Message),
        { InnerException: SocketException socket } => (Of(socket.SocketErrorCode), socket.Message),
        AuthenticationException => (LinkFailure.TlsFailed, exception.Message),
        OperationCanceledException => (LinkFailure.TimedOut, "no answer in time"),
        ObjectDisposedException => (LinkFailure.Closed, "closed"),
        _ => (LinkFailure.Reset, exception.Message),
    };

    private static LinkFailure Of(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => LinkFailure.Refused,
        SocketError.TimedOut => LinkFailure.TimedOut,
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown or SocketError.NotConnected => LinkFailure.Reset,
        SocketError.OperationAborted or SocketError.Interrupted => LinkFailure.Closed,
        _ => LinkFailure.Unreachable, // no route, no such host, no such address, a local firewall's refusal
    };
}
