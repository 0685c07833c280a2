using Coco.ControlPlane.Storage;
using Coco.Crypto;

namespace Coco.ControlPlane.Relaying;

/// <summary>
/// To which network a node belongs, for the relays. Who admits, removes or changes plans says so here, in the transaction of that change; relays of all
/// instances hear of it with the commit.
/// </summary>
internal static class RelayNodes
{
    public const string Channel = "relay";

    /// <summary>The network has the node in its books, and the node is served for it unless it is another network's: a certificate is not signed by its node, so whoever has a network
    /// could name others' nodes. Those stay whose they are until their own key says otherwise, by a connection of its own, or by what it signed where nothing says that it agreed to the network
    /// that has it. Which it was is not told: nobody learns so which nodes are here.</summary>
    public static async Task AddAsync(Session session, string network, NodeId node, NodeProof proof)
    {
        var there = await FindAsync(session, node);
        if (there is not { } holder)
        {
            session.ExecuteLater($"INSERT INTO relay_nodes (node, network, proof) VALUES ({node.ToString()}, {network}, {(long)proof})");
            Tell(session, node, new(network, proof));
        }
        else if (holder.Network == network)
        {
            if (proof <= holder.Proof) { return; }
            session.ExecuteLater($"UPDATE relay_nodes SET proof = {(long)proof} WHERE node = {node.ToString()}");
            if (holder.Proof is NodeProof.None) { Tell(session, node, new(network, proof)); }
        }
        else if (proof is NodeProof.Connection || proof > holder.Proof)
        {
            await GiveAsync(session, node, new(network, proof));
            Claim(session, node, holder);
        }
        else { Claim(session, node, new(network, proof)); }
    }

    /// <summary>The network for which a node is served, and how that was shown; null for a stranger.</summary>
    public static async Task<NodeClaim?> FindAsync(Session session, NodeId node) =>
        await session.FirstAsync($"SELECT network, proof FROM relay_nodes WHERE node = {node.ToString()}", Read);

    /// <summary>The node belongs to the network no more: relays serve it for another that has it, or cut it off.</summary>
    public static async Task RemoveAsync(Session session, string network, NodeId node)
    {
        if (await FindAsync(session, node) is not { } holder || holder.Network != network)
        {
            await session.ExecuteAsync($"DELETE FROM relay_claims WHERE node = {node.ToString()} AND network = {network}");
            return;
        }
        if (await session.FirstAsync($"SELECT network, proof FROM relay_claims WHERE node = {node.ToString()} ORDER BY proof DESC, network LIMIT 1", Read) is { } next)
        {
            await GiveAsync(session, node, next);
            return;
        }
        await session.ExecuteAsync($"DELETE FROM relay_nodes WHERE node = {node.ToString()}");
        await session.ExecuteAsync($"DELETE FROM relay_records WHERE node = {node.ToString()}");
        session.Notify(Channel, $"- {node} {network}");
    }

    /// <summary>The network is gone, with all its nodes. What it used stays on record.</summary>
    public static async Task RemoveNetworkAsync(Session session, string network)
    {
        await session.ExecuteAsync($"DELETE FROM relay_claims WHERE network = {network}");
        var heirs = await session.QueryAsync(
            $"SELECT c.node, c.network, c.proof FROM relay_claims c JOIN relay_nodes n ON n.node = c.node WHERE n.network = {network} ORDER BY c.node, c.proof DESC, c.network",
            static row => (Node: row.Text("node"), Claim: Read(row)));
        foreach (var (node, next) in heirs.DistinctBy(static heir => heir.Node)) { await GiveAsync(session, NodeId.Parse(node), next); }
        await session.ExecuteAsync($"DELETE FROM relay_records WHERE node IN (SELECT node FROM relay_nodes WHERE network = {network})");
        await session.ExecuteAsync($"DELETE FROM relay_nodes WHERE network = {network}");
        await session.ExecuteAsync($"DELETE FROM relay_plans WHERE network = {network}");
        session.Notify(Channel, $"x {network}");
    }

    /// <summary>The network has another plan: what it used of this month is measured by that from now on, and warned of anew.</summary>
    /// <param name="session">A session that writes.</param>
    /// <param name="network">Which.</param>
    /// <param name="plan">The plan's name in the settings; null for the default.</param>
    /// <param name="month">This month.</param>
    public static async Task SetPlanAsync(Session session, string network, string? plan, string month)
    {
        await session.ExecuteAsync($"DELETE FROM relay_plans WHERE network = {network}");
        if (plan is not null) { await session.ExecuteAsync($"INSERT INTO relay_plans (network, plan) VALUES ({network}, {plan})"); }
        await session.ExecuteAsync($"UPDATE network_usage SET warned = 0 WHERE network = {network} AND month = {month}");
        session.Notify(Channel, $"n {network}");
    }

    // In place of whoever has it.
    private static async Task GiveAsync(Session session, NodeId node, NodeClaim claim)
    {
        await session.ExecuteAsync($"UPDATE relay_nodes SET network = {claim.Network}, proof = {(long)claim.Proof} WHERE node = {node.ToString()}");
        await session.ExecuteAsync($"DELETE FROM relay_claims WHERE node = {node.ToString()} AND network = {claim.Network}");
        Tell(session, node, claim);
    }

    // A ? is a node of which nobody knows whether it agreed.
    private static void Tell(Session session, NodeId node, NodeClaim claim) => session.Notify(Channel, $"{(claim.Proof is NodeProof.None ? '?' : '+')} {node} {claim.Network}");

    private static void Claim(Session session, NodeId node, NodeClaim claim) => session.ExecuteLater(
        $"""
        INSERT INTO relay_claims (node, network, proof) VALUES ({node.ToString()}, {claim.Network}, {(long)claim.Proof})
        ON CONFLICT (node, network) DO UPDATE SET proof = excluded.proof WHERE relay_claims.proof < excluded.proof
        """);

    private static NodeClaim Read(Row row) => new(row.Text("network"), (NodeProof)row.Long("proof"));
}
