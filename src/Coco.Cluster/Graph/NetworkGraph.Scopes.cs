namespace Coco.Cluster.Graph;

/// <content>Scopes, by small indexes.</content>
internal sealed partial class NetworkGraph
{
    /// <summary>Scopes one graph can hold at once.</summary>
    public const int MaxScopes = 255;

    /// <summary>The scope every graph has.</summary>
    public const byte CoreIndex = 0;

    public IReadOnlyList<ScopeTotals> Scopes => _scopes;

    /// <summary>The index of a scope, or -1 where the graph does not have it.</summary>
    public int ScopeIndexOf(ScopeId scope)
    {
        for (var i = 0; i < _scopes.Count; i++)
        {
            if (_scopes[i].Scope == scope && !_scopes[i].IsClosed) { return i; }
        }
        return -1;
    }

    /// <summary>The index of a scope, a new one if need be; -1 where there are too many.</summary>
    public int AddScope(ScopeId scope)
    {
        var index = ScopeIndexOf(scope);
        if (index >= 0) { return index; }
        index = _scopes.FindIndex(totals => totals.IsClosed);
        if (index < 0 && _scopes.Count >= MaxScopes) { return -1; }
        if (index < 0) { index = _scopes.Count; _scopes.Add(new(scope)); } else { _scopes[index] = new(scope); }
        return index;
    }

    /// <summary>Forgets a scope; its index may become another's.</summary>
    public void RemoveScope(byte scope)
    {
        _scopes[scope].IsClosed = true;
        for (var slot = 0; slot < _count; slot++)
        {
            if (!_nodes[slot].Id.IsDefault && Find(slot, scope) is not null) { Remove(slot, scope); }
        }
    }

    /// <summary>The bucket of a node among 2^<paramref name="bits"/>.</summary>
    public static int BucketOf(NodeTag tag, int bits) => bits == 0 ? 0 : (int)(Rings.Mix(tag.Value) >> (64 - bits));

    /// <summary>The sums of the advertisements of a scope by buckets.</summary>
    public ulong[] Buckets(byte scope, int bits)
    {
        var sums = new ulong[1 << bits];
        for (var slot = 0; slot < _count; slot++)
        {
            if (_nodes[slot].Entries is null || Find(slot, scope) is not { } entry) { continue; }
            unchecked { sums[BucketOf(entry.Advertisement.Tag, bits)] += (ulong)entry.Advertisement.Hash.Low; }
        }
        return sums;
    }
}
