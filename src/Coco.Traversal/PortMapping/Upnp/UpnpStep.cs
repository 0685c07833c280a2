namespace Coco.Traversal.PortMapping.Upnp;

/// <summary>What the request in flight asks.</summary>
internal enum UpnpStep
{
    /// <summary>A device's description.</summary>
    Describe,

    /// <summary>The outer address.</summary>
    Address,

    /// <summary>Whose the external port is, before it is asked for.</summary>
    Probe,

    /// <summary>A mapping.</summary>
    Add,

    /// <summary>Whether a mapping still is what was granted.</summary>
    Check,

    /// <summary>The end of a mapping.</summary>
    Remove,
}
