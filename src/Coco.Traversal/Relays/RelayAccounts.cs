namespace Coco.Traversal.Relays;

/// <summary>The accounts of all identities, or of all networks. Those in use stay; of the others the most recently used are remembered.</summary>
internal sealed class RelayAccounts<TKey>(int maxIdle, Func<TimeSpan, RelayAccount> create)
    where TKey : notnull
{
    private readonly Dictionary<TKey, RelayAccount> _accounts = [];
    private readonly LinkedList<TKey> _idle = [];
    private readonly Dictionary<TKey, LinkedListNode<TKey>> _idleNodes = [];

    public int Count => _accounts.Count;

    public RelayAccount Acquire(TKey key, TimeSpan now)
    {
        if (!_accounts.TryGetValue(key, out var account)) { _accounts.Add(key, account = create(now)); }
        if (_idleNodes.Remove(key, out var node)) { _idle.Remove(node); }
        account.Users++;
        return account;
    }

    /// <summary>An account that is known, in use or not.</summary>
    public RelayAccount? Find(TKey key) => _accounts.GetValueOrDefault(key);

    public void Release(TKey key)
    {
        if (--_accounts[key].Users > 0) { return; }
        _idleNodes.Add(key, _idle.AddLast(key));
        if (_idle.Count <= maxIdle) { return; }
        var oldest = _idle.First!.Value;
        _idle.RemoveFirst();
        _idleNodes.Remove(oldest);
        _accounts.Remove(oldest);
    }
}
