namespace Coco.Traversal.Tests.Finding.Model;

/// <summary>The NATs of the model, as in the kinds of the laboratory.</summary>
internal enum NatKind
{
    None,
    Firewall,
    Open,
    AddressRestricted,
    PortRestricted,
    Symmetric,

    /// <summary>Like <see cref="Symmetric"/>, but the next port is the last one plus one.</summary>
    Sequential,
    UdpBlocked,
}
