namespace Coco.Traversal.PortMapping;

/// <summary>Judges what a router says its outer address is.</summary>
internal static class ExternalAddress
{
    /// <summary>
    /// Whether nobody outside can be expected to reach the address: private, shared by a carrier's NAT, or reserved (RFC 6890). Ranges
    /// for documentation count as public: laboratories use them, and no router has them by mistake.
    /// </summary>
    public static bool IsSuspicious(in NetworkAddress address) =>
        !address.IsSendable || address.IsPrivate || (address.IsIpv4
            ? address.Ipv4 >> 28 == 0xF // 240/4
                || address.Ipv4 >> 8 == 0xC00000 // 192.0.0/24, DS-Lite among others
                || address.Ipv4 >> 17 == 0xC612 >> 1 // 198.18/15, benchmarks
            : !address.SharesPrefix(GlobalUnicast, 3));

    // 2000::/3 is all that was ever given out (RFC 4291 §2.4, IANA "Internet Protocol Version 6 Address Space").
    private static readonly NetworkAddress GlobalUnicast = NetworkAddress.FromIpv6([0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0);
}
