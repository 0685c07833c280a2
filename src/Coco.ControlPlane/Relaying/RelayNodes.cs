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

    /// <summary>The node is served for the network from now on.</summary>
    /// <returns>False where it is another network's. A certificate is not signed by its node, so whoever has a network could name others' nodes: those
    /// stay whose they are.</returns>
    public static async Task<bool> AddAsync(Session session, string network, NodeId node)
    {
        var there = await session.FirstAsync($"SELECT network FROM relay_nodes WHERE node = {node.ToString()}", static row => row.Text("network"));
        if (there is not null) { return there == network; }
        session.ExecuteLater($"INSERT INTO relay_nodes (node, network) VALUES ({node.ToString()}, {network})");
        session.Notify(Channel, $"+ {node} {network}");
        return true;
    }

    /// <summary>The node belongs to the network no more: relays cut it off.</summary>
    public static async Task RemoveAsync(Session session, string network, NodeId node)
    {
        if (await session.ExecuteAsync($"DELETE FROM relay_nodes WHERE node = {node.ToString()} AND network = {network}") == 0) { return; }
        await session.ExecuteAsync($"DELETE FROM relay_records WHERE node = {node.ToString()}");
        session.Notify(Channel, $"- {node} {network}");
    }

    /// <summary>The network is gone, with all its nodes. What it used stays on record.</summary>
    public static async Task RemoveNetworkAsync(Session session, string network)
    {
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
}
