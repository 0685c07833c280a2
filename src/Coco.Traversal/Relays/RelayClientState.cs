namespace Coco.Traversal.Relays;

/// <summary>How a client stands with its relay.</summary>
internal enum RelayClientState
{
    /// <summary>Not registered: it may call others, nobody can call it here.</summary>
    Unregistered,

    /// <summary>It asked to be registered.</summary>
    Connecting,

    /// <summary>Callers reach it here.</summary>
    Registered,

    /// <summary>The relay is about to stop; sessions go on until then, new ones are refused.</summary>
    Draining,

    /// <summary>The same identity registered over another connection; sessions go on.</summary>
    Superseded,

    /// <summary>The control connection ended, or the relay broke the protocol and it has to be.</summary>
    Closed,
}
