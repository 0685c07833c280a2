namespace Coco.Cluster.Discovery;

/// <summary>A record of class IN. <paramref name="Target"/> is the name in a PTR or SRV record, <paramref name="Data"/> all else in it.</summary>
/// <param name="Name">Whose.</param>
/// <param name="Type">What.</param>
/// <param name="IsUnique">The cache-flush bit (RFC 6762 §10.2).</param>
/// <param name="Ttl">In seconds; 0 says goodbye (RFC 6762 §10.1).</param>
/// <param name="Data">For SRV priority, weight and port; nothing for PTR.</param>
/// <param name="Target">For PTR and SRV.</param>
internal sealed record DnsRecord(DnsName Name, DnsType Type, bool IsUnique, uint Ttl, ReadOnlyMemory<byte> Data, DnsName? Target = null);
