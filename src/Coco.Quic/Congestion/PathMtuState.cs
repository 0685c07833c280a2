namespace Coco.Quic.Congestion;

/// <summary>
/// The states of RFC 8899 §5.2. ERROR is missing: a path that cannot carry 1200 bytes is not used at all (RFC 9000 §14).
/// </summary>
internal enum PathMtuState : byte
{
    /// <summary>No probing: the size is fixed.</summary>
    Disabled,

    /// <summary>At 1200 bytes, not to search before it is confirmed or, after a black hole, before the raise timer.</summary>
    Base,

    /// <summary>Probing for more.</summary>
    Searching,

    /// <summary>Found; to be tried for more when the raise timer expires.</summary>
    SearchComplete,
}
