namespace Coco.Transport.Links;

/// <summary>Datagrams back to back in a batch, all of one size but the last, which may be shorter.</summary>
internal readonly record struct LinkRun(int Offset, int Length, int SegmentSize);
