namespace Coco.Traversal.Relays;

/// <summary>Datagrams of a batch, one after the other, that go to one client: all of the segment's size but the last.</summary>
internal record struct RelayRun(RelayServerClient Target, int Offset, int Length, int SegmentSize);
