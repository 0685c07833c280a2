namespace Coco.Traversal.PortMapping.Upnp;

/// <summary>Services that map ports, by their UPnP names.</summary>
internal static class ServiceType
{
    public const string Ip2 = "urn:schemas-upnp-org:service:WANIPConnection:2";
    public const string Ip1 = "urn:schemas-upnp-org:service:WANIPConnection:1";
    public const string Ppp1 = "urn:schemas-upnp-org:service:WANPPPConnection:1";

    /// <summary>All, the one to be preferred first.</summary>
    public static readonly string[] Known = [Ip2, Ip1, Ppp1];

    public static bool IsWanConnection(ReadOnlySpan<char> name)
    {
        foreach (var known in Known)
        {
            if (name.SequenceEqual(known)) { return true; }
        }
        return false;
    }
}
