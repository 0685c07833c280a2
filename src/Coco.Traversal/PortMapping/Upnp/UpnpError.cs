namespace Coco.Traversal.PortMapping.Upnp;

/// <summary>Error codes of UPnP control (UPnP Device Architecture 1.1 §3.2.5, WANIPConnection:2 §2.5).</summary>
internal enum UpnpError
{
    None = 0,
    Unspecified = 1, // ours: a failure without a code
    InvalidAction = 401,
    InvalidArguments = 402,
    ActionFailed = 501,
    OptionalActionNotImplemented = 602,
    NotAuthorized = 606,
    NoSuchEntryInArray = 714,
    ConflictInMappingEntry = 718,
    SamePortValuesRequired = 724,
    OnlyPermanentLeasesSupported = 725,
    NoPortMapsAvailable = 728,
    ConflictWithOtherMechanisms = 729,
}
