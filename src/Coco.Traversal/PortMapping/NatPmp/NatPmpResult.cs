namespace Coco.Traversal.PortMapping.NatPmp;

/// <summary>RFC 6886 §3.5.</summary>
internal enum NatPmpResult : ushort
{
    Success = 0,
    UnsupportedVersion = 1,
    NotAuthorized = 2,
    NetworkFailure = 3,
    OutOfResources = 4,
    UnsupportedOpcode = 5,
}
