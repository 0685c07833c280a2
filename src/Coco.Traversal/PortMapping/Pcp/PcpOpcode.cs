namespace Coco.Traversal.PortMapping.Pcp;

/// <summary>RFC 6887 §19.2.</summary>
internal enum PcpOpcode : byte
{
    Announce = 0,
    Map = 1,
    Peer = 2,
}
