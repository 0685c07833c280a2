namespace Coco.Cli.Api;

/// <summary>A round trip to a node: the time a question and its answer take, between the two programs.</summary>
/// <param name="Node">What the node is called.</param>
/// <param name="Id">The node.</param>
/// <param name="Sequence">Which, from 1.</param>
/// <param name="RoundTripMs">How long it took; null where no answer came.</param>
/// <param name="Path">udp, tcp, relay, relay-websocket or mesh; null where there is none now.</param>
/// <param name="Address">The other end of the path: the peer, the relay or the neighbour.</param>
/// <param name="PathMs">The smoothed round trip of the packets below.</param>
/// <param name="Why">Why data goes the way it goes.</param>
/// <param name="Problem">What is wrong; null where nothing is.</param>
internal sealed record PingView(
    string Node, string Id, int Sequence, double? RoundTripMs, string? Path, string? Address, double? PathMs, string? Why, string? Problem);
