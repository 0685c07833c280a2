namespace Coco.Cluster.Graph;

/// <summary>
/// The digest of the advertisements of one scope, kept as they come and go: how many there are and the sum of their hashes, so that two
/// nodes that hold the same have the same whatever the order.
/// </summary>
internal sealed class ScopeTotals(ScopeId scope)
{
    public ScopeId Scope { get; } = scope;

    /// <summary>Whether the node has no part in it any more: another scope may take its index.</summary>
    public bool IsClosed { get; set; }

    public int Count { get; private set; }

    /// <summary>How many of them are not of core nodes.</summary>
    public int Members { get; private set; }

    public UInt128 Sum { get; private set; }

    public void Add(Advertisement advertisement)
    {
        (Count, Sum) = (Count + 1, unchecked(Sum + advertisement.Hash.Low));
        Members += advertisement.Has(AdvertisementFlags.Core) ? 0 : 1;
    }

    public void Remove(Advertisement advertisement)
    {
        (Count, Sum) = (Count - 1, unchecked(Sum - advertisement.Hash.Low));
        Members -= advertisement.Has(AdvertisementFlags.Core) ? 0 : 1;
    }
}
