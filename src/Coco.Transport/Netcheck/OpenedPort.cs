using System.Net;

namespace Coco.Transport.Netcheck;

/// <summary>A UDP port that a router said it opened.</summary>
/// <param name="Protocol">How it was asked: "PCP", "NAT-PMP" or "UPnP".</param>
/// <param name="Router">The router.</param>
/// <param name="External">Where the router says it listened for us.</param>
/// <param name="IsSuspicious">Whether the address is none that the internet can reach, or another than observers see: there is one more NAT,
/// or the router is wrong.</param>
public sealed record OpenedPort(string Protocol, IPAddress Router, IPEndPoint External, bool IsSuspicious);
