using Coco.Crypto;

namespace Coco.Traversal.Relays;

/// <summary>What one client used of a relay, for one network.</summary>
/// <param name="Client">Whose it is; default for all those together that there was no room to tell apart.</param>
/// <param name="Network">Who pays: the client's network, or for a stranger the network of whom it sent to; empty for nobody's.</param>
/// <param name="RelayedBytes">Bytes of datagrams that were forwarded for it as their sender, the relay's headers included.</param>
/// <param name="ControlBytes">Bytes of its control connection in both directions.</param>
public readonly record struct RelayUsage(NodeId Client, string Network, long RelayedBytes, long ControlBytes);
