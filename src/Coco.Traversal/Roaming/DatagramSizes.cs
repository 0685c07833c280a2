namespace Coco.Traversal.Roaming;

/// <summary>Largest UDP payloads, in bytes.</summary>
internal static class DatagramSizes
{
    /// <summary>An Ethernet frame of 1,500 bytes less the IPv4 and UDP headers.</summary>
    public const int Ipv4 = 1500 - 20 - 8;

    /// <summary>An Ethernet frame of 1,500 bytes less the IPv6 and UDP headers.</summary>
    public const int Ipv6 = 1500 - 40 - 8;

    /// <summary>Chosen: over a byte stream the size costs nothing but the wait for the rest of it.</summary>
    public const int Reliable = 8192;
}
