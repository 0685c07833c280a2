using Coco.Quic;

namespace Coco.Interop.Tests.Network;

/// <summary>Patience for handshakes over a network that loses most attempts.</summary>
internal static class Lossy
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static readonly QuicOptions Options = new() { HandshakeTimeout = Limit, IdleTimeout = Limit };
}
