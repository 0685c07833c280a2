namespace Coco.Quic.Tls;

/// <summary>Whether a server asks clients to prove who they are (RFC 8446 §4.3.2).</summary>
internal enum ClientAuthentication : byte
{
    Required,

    /// <summary>Asked for, and going without is accepted.</summary>
    Optional,
    None,
}
