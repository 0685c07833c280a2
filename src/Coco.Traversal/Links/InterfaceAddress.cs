namespace Coco.Traversal.Links;

/// <summary>An address of an interface.</summary>
/// <param name="Address">The address, with port 0.</param>
/// <param name="PrefixLength">Bits of the network's part.</param>
/// <param name="InterfaceIndex">The system's number of the interface.</param>
/// <param name="InterfaceName">The system's name of the interface.</param>
/// <param name="HasDefaultRoute">Whether packets for everywhere else may leave there.</param>
/// <param name="Mtu">Largest IP packet in bytes; 0 when not known.</param>
public readonly record struct InterfaceAddress(
    NetworkAddress Address, int PrefixLength, int InterfaceIndex, string InterfaceName, bool HasDefaultRoute = false, int Mtu = 0);
