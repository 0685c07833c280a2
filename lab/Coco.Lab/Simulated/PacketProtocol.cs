namespace Coco.Lab.Simulated;

/// <summary>What a simulated IP packet carries.</summary>
internal enum PacketProtocol : byte
{
    Udp,
    Tcp,
}
