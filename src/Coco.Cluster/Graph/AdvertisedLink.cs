namespace Coco.Cluster.Graph;

/// <summary>One link in an advertisement.</summary>
/// <param name="Neighbour">To whom.</param>
/// <param name="Cost">Round trip in milliseconds, coarsely, at least 1.</param>
/// <param name="Flags">What this end says of it.</param>
internal readonly record struct AdvertisedLink(NodeTag Neighbour, ushort Cost, LinkFlags Flags)
{
    public const int Size = NodeTag.Size + sizeof(ushort) + 1;
}
