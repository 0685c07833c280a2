using System.Collections.Concurrent;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;
using Coco.Crypto;
using Coco.Traversal.Relays;

namespace Coco.ControlPlane.Relaying;

/// <summary>
/// All nodes and the networks that they belong to, in memory, some hundred bytes each: a relay asks on its own thread. Read by pages at the start, and
/// kept up to date by notices; one page later than a change may show what was before it, and the notice of the change comes after.
/// </summary>
internal sealed class RelayTermsTable(Database database, UsageStore usage, ControlPlaneSettings settings) : IRelayTerms
{
    private const int Page = 5_000;

    // Chosen: who was removed a while ago is a stranger like others; until then it hears why it is not served.
    private const int MaxRemoved = 10_000;

    private static readonly RelayTerms Stranger = new();
    private static readonly RelayTerms Removed = new() { Refusal = "This node was removed from its network." };

    private readonly ConcurrentDictionary<NodeId, (string Network, bool HasAgreed)> _nodes = [];
    private readonly ConcurrentDictionary<string, RelayTerms> _networks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<NodeId, bool> _removed = [];
    private readonly Queue<NodeId> _removedOrder = [];

    /// <summary>Nodes that belong to a network.</summary>
    public int Count => _nodes.Count;

    /// <summary>The month that the networks' terms are of.</summary>
    public string Month { get; private set; } = "";

    public RelayTerms TermsOf(NodeId client)
    {
        if (_nodes.TryGetValue(client, out var node)) { return _networks.GetValueOrDefault(node.Network) ?? TermsBy(node.Network, settings.Relaying.PlanOf(null), 0); }
        return _removed.ContainsKey(client) ? Removed : Stranger;
    }

    public bool IsMember(NodeId node) => _nodes.ContainsKey(node);

    /// <summary>Reads all of it. By one caller at a time, as all that follow.</summary>
    /// <returns>What is other than it was.</returns>
    public async Task<TermsChange> LoadAsync(CancellationToken cancellationToken)
    {
        var changed = new List<NodeId>();
        var seen = new HashSet<NodeId>();
        for (var last = ""; ;)
        {
            var after = last;
            var rows = await database.ReadAsync(
                session => session.QueryAsync(
                    $"SELECT node, network, proof FROM relay_nodes WHERE node > {after} ORDER BY node LIMIT {Page}",
                    static row => (Node: row.Text("node"), Network: row.Text("network"), Proof: (NodeProof)row.Long("proof"))),
                cancellationToken);
            foreach (var (text, network, proof) in rows)
            {
                if (!NodeId.TryParse(text, out var node)) { continue; }
                seen.Add(node);
                if (!Set(node, network, proof is not NodeProof.None)) { changed.Add(node); }
            }
            if (rows.Count < Page) { break; }
            last = rows[^1].Node;
        }
        foreach (var gone in _nodes.Keys.Where(node => !seen.Contains(node)))
        {
            Remove(gone);
            changed.Add(gone);
        }
        await LoadNetworksAsync(cancellationToken);
        return new(changed, [.. _networks.Keys]);
    }

    /// <summary>Takes a notice.</summary>
    /// <returns>What is other than it was.</returns>
    public async Task<TermsChange> ApplyAsync(string notice, CancellationToken cancellationToken)
    {
        switch (notice.Split(' '))
        {
            case [Database.Resynchronise]: return await LoadAsync(cancellationToken);
            case ["+" or "?", var text, var network] when NodeId.TryParse(text, out var node):
                Set(node, network, notice[0] == '+');
                return new([node], []);
            case ["-", var text, var network] when NodeId.TryParse(text, out var node) && _nodes.TryGetValue(node, out var known) && known.Network == network:
                Remove(node);
                return new([node], []);
            case ["x", var network]:
                NodeId[] nodes = [.. _nodes.Where(pair => pair.Value.Network == network).Select(static pair => pair.Key)];
                foreach (var one in nodes) { Remove(one); }
                _networks.TryRemove(network, out _);
                return new(nodes, []);
            case ["n", var network]:
                await LoadNetworkAsync(network, cancellationToken);
                return new([], [network]);
            default: return new([], []);
        }
    }

    // Whether it was so already.
    private bool Set(NodeId node, string network, bool hasAgreed)
    {
        var isSame = _nodes.TryGetValue(node, out var known) && known.Network == network;
        // One text for all nodes of a network.
        if (!isSame || known.HasAgreed != hasAgreed) { _nodes[node] = (_networks.GetOrAdd(network, name => TermsBy(name, settings.Relaying.PlanOf(null), 0)).Network, hasAgreed); }
        _removed.TryRemove(node, out _);
        return isSame;
    }

    private void Remove(NodeId node)
    {
        // Who never agreed is a stranger again: anybody could have a node refused otherwise, by admitting and removing it.
        if (!_nodes.TryRemove(node, out var known) || !known.HasAgreed || !_removed.TryAdd(node, true)) { return; }
        _removedOrder.Enqueue(node);
        if (_removedOrder.Count > MaxRemoved) { _removed.TryRemove(_removedOrder.Dequeue(), out _); }
    }

    private async Task LoadNetworksAsync(CancellationToken cancellationToken)
    {
        Month = usage.Month;
        var month = Month;
        var unread = new HashSet<string>(_networks.Keys, StringComparer.Ordinal);
        for (var last = ""; ;)
        {
            var after = last;
            var rows = await database.ReadAsync(
                session => session.QueryAsync(
                    $"SELECT n.network, p.plan, u.relayed + u.control AS used FROM (SELECT DISTINCT network FROM relay_nodes WHERE network > {after} ORDER BY network LIMIT {Page}) n LEFT JOIN relay_plans p ON p.network = n.network LEFT JOIN network_usage u ON u.network = n.network AND u.month = {month} ORDER BY n.network",
                    static row => (Network: row.Text("network"), Plan: row.TextOrNull("plan"), Used: row.LongOrNull("used") ?? 0)),
                cancellationToken);
            foreach (var (network, plan, used) in rows)
            {
                _networks[network] = TermsBy(_networks.TryGetValue(network, out var known) ? known.Network : network, settings.Relaying.PlanOf(plan), used);
                unread.Remove(network);
            }
            if (rows.Count < Page) { break; }
            last = rows[^1].Network;
        }
        foreach (var gone in unread.Where(network => !_nodes.Values.Any(node => node.Network == network)).ToArray()) { _networks.TryRemove(gone, out _); }
    }

    private async Task LoadNetworkAsync(string network, CancellationToken cancellationToken)
    {
        if (!_networks.TryGetValue(network, out var known)) { return; }
        var (plan, used) = await database.ReadAsync(
            async session =>
            {
                var name = await session.FirstAsync($"SELECT plan FROM relay_plans WHERE network = {network}", static row => row.Text("plan"));
                return (name, await session.NumberAsync($"SELECT relayed + control FROM network_usage WHERE network = {network} AND month = {Month}") ?? 0);
            },
            cancellationToken);
        _networks[network] = TermsBy(known.Network, settings.Relaying.PlanOf(plan), used);
    }

    private static RelayTerms TermsBy(string network, PlanSettings plan, long used) => new()
    {
        Network = network,
        PerNetwork = new() { BytesPerSecond = plan.BytesPerSecond, PacketsPerSecond = 2_000_000, BytesPerSecondBeyond = plan.BytesPerSecondBeyond },
        NetworkBytesLeft = Math.Max(0, plan.BytesPerMonth - used),
    };
}
