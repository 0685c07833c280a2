namespace Coco.Traversal.Relays;

/// <summary>Why a relay did not do what it was asked. Numbers are those on the wire; unknown ones mean what <see cref="Busy"/> means.</summary>
internal enum RelayRefusal : ulong
{
    /// <summary>The node called is not registered here.</summary>
    NotRegistered = 1,

    /// <summary>The client used up what it may use; later it may again.</summary>
    Quota = 2,

    /// <summary>The relay is about to stop.</summary>
    Draining = 3,

    /// <summary>The relay, or the node called, has as many sessions as it takes.</summary>
    Busy = 4,

    /// <summary>Never, by the relay's rules.</summary>
    Policy = 5,

    /// <summary>Not on the wire: the relay did not answer in time, or the connection to it ended.</summary>
    NoAnswer = 1000,
}
