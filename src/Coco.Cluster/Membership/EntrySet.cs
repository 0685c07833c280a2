using Coco.Crypto;

namespace Coco.Cluster.Membership;

/// <summary>The statements of a log, by name and by chain. In the order in which they were added, each comes after what it depends on.</summary>
internal sealed class EntrySet
{
    private readonly Dictionary<StatementId, Entry> _byId = [];
    private readonly Dictionary<(NodeId Issuer, StatementId Previous), List<Entry>> _followers = [];
    private readonly Dictionary<NodeId, ChainTally> _chains = [];

    public List<Entry> InOrder { get; } = [];

    public long Bytes { get; private set; }

    public IReadOnlyDictionary<NodeId, ChainTally> Chains => _chains;

    public Entry? Find(StatementId id) => _byId.GetValueOrDefault(id);

    /// <summary>What its issuer put after a statement; after none, the beginnings of its chain. Two are a fork.</summary>
    public IReadOnlyList<Entry> After(NodeId issuer, StatementId previous) =>
        _followers.TryGetValue((issuer, previous), out var followers) ? followers : [];

    public void Add(Entry entry)
    {
        var statement = entry.Statement;
        _byId.Add(entry.Id, entry);
        InOrder.Add(entry);
        Bytes += statement.Encoded.Length;
        if (!_followers.TryGetValue((statement.Issuer, statement.Previous), out var followers))
        {
            _followers.Add((statement.Issuer, statement.Previous), followers = []);
        }
        followers.Add(entry);
        var tally = _chains.GetValueOrDefault(statement.Issuer);
        _chains[statement.Issuer] = new(tally.Statements + 1, tally.Forks + (followers.Count > 1 ? 1 : 0));
    }
}
