using Coco.Crypto;

namespace Coco;

/// <summary>A link of a <see cref="NodeGraph"/>, as one of its ends says it.</summary>
/// <param name="From">Who says so.</param>
/// <param name="To">The other end.</param>
/// <param name="RoundTripTime">The round trip, coarsely.</param>
public sealed record GraphLink(NodeId From, NodeId To, TimeSpan RoundTripTime);
