namespace Coco.Traversal.Relays;

/// <summary>Why a relay ends a client's control connection.</summary>
internal enum RelayDisconnect
{
    /// <summary>It sent what the protocol does not allow.</summary>
    ProtocolError,

    /// <summary>It did not read what it was sent.</summary>
    SlowReader,

    /// <summary>The relay stops.</summary>
    Drained,

    /// <summary>By the terms that the relay was given it is not served.</summary>
    Refused,
}
