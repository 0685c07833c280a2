namespace Coco.Cluster.Graph;

/// <summary>
/// The digest of the advertisements of one scope, kept as they come and go: how many there are and the sum of their hashes, so that two
/// nodes that hold the same have the same whatever the order.
/// </summary>
internal sealed class ScopeTotals(ScopeId scope)
{
    public ScopeId Scope { get; } = scope;

    public int Count { get; private set; }

    public UInt128 Sum { get; private set; }

    public void Add(Advertisement advertisement) => (Count, Sum) = (Count + 1, unchecked(Sum + advertisement.Hash.Low));

    public void Remove(Advertisement advertisement) => (Count, Sum) = (Count - 1, unchecked(Sum - advertisement.Hash.Low));
}
