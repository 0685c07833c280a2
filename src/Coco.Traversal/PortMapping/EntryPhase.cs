namespace Coco.Traversal.PortMapping;

/// <summary>What is being done about a mapping.</summary>
internal enum EntryPhase
{
    /// <summary>Nothing was asked yet.</summary>
    Idle,

    /// <summary>Asked for, for the first time or again because the router forgot.</summary>
    Asking,

    /// <summary>Granted; to be renewed in time.</summary>
    Held,

    /// <summary>Refused or not answered; to be tried again later.</summary>
    Refused,

    /// <summary>Being removed.</summary>
    Removing,

    /// <summary>Removed.</summary>
    Gone,
}
