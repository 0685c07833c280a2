namespace Coco.Cluster.Discovery;

/// <summary>Types of records (RFC 1035 §3.2.2, RFC 2782).</summary>
internal enum DnsType : ushort
{
    Ptr = 12,
    Txt = 16,
    Srv = 33,
    Any = 255,
}
