namespace Coco.Cluster.Discovery;

internal sealed record DnsQuestion(DnsName Name, DnsType Type);
