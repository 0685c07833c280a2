namespace Coco.Cli.Api;

/// <summary>The members of a network, but for the node that was asked.</summary>
internal sealed record PeerList(string Network, IReadOnlyList<PeerView> Peers);
