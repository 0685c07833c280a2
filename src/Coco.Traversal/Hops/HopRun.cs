using Coco.Quic.Congestion;

namespace Coco.Traversal.Hops;

/// <summary>Datagrams of a batch, one after the other, that go to one neighbour: all of the segment's size but the last.</summary>
internal record struct HopRun(HopNeighbour Target, int Offset, int Length, int SegmentSize, EcnCodepoint Ecn);
