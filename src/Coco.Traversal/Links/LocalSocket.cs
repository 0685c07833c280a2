namespace Coco.Traversal.Links;

/// <summary>A UDP socket of the host.</summary>
/// <param name="Number">The host's number, as in <see cref="Link.Number"/>.</param>
/// <param name="IsIpv4">Whether it sends to IPv4 addresses.</param>
/// <param name="IsIpv6">Whether it sends to IPv6 addresses; a dual-stack socket does both.</param>
/// <param name="Port">Its port.</param>
public readonly record struct LocalSocket(int Number, bool IsIpv4, bool IsIpv6, int Port);
