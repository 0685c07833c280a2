namespace Coco.Tunnels;

/// <summary>What a client of the proxy wants.</summary>
/// <param name="Host">Whom to reach; where it wants to send datagrams, its own address or none.</param>
/// <param name="IsDatagrams">Whether it wants to send datagrams (RFC 1928 §4, UDP ASSOCIATE).</param>
/// <param name="Port">Of datagrams: the port it sends from, 0 where it does not know yet.</param>
internal sealed record ProxyRequest(string Host, bool IsDatagrams, ushort Port = 0);
