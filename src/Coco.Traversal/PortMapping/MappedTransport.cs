namespace Coco.Traversal.PortMapping;

/// <summary>What a mapping carries, by its protocol number (IANA "Assigned Internet Protocol Numbers").</summary>
internal enum MappedTransport : byte
{
    /// <summary>TCP.</summary>
    Tcp = 6,

    /// <summary>UDP.</summary>
    Udp = 17,
}
