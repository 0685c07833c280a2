using System.Globalization;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Webhooks;
using Coco.Traversal.Relays;

namespace Coco.ControlPlane.Relaying;

/// <summary>What networks used, and what that means by their plans.</summary>
internal sealed class UsageStore(Database database, ControlPlaneSettings settings, WebhookOutbox outbox, TimeProvider time)
{
    /// <summary>Told with the network and the percentage when an event is written.</summary>
    public const string Channel = "usage";

    // Chosen: both engines take some ten thousand parameters in one statement.
    private const int RowsOfStatement = 500;
    private const long RunsKept = 1_000; // chosen: many times the instances that run at once

    private static readonly int[] Thresholds = [80, 100];

    /// <summary>The month of the clock, <c>2026-11</c>.</summary>
    public string Month => MonthOf(time.GetUtcNow());

    public static string MonthOf(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    /// <summary>Adds a batch to the tables, all of it or nothing, and nothing where it was added before: whoever does not know whether it was tries again.</summary>
    public Task FlushAsync(UsageBatch batch, CancellationToken cancellationToken) => database.WriteAsync(
        async session =>
        {
            if (!await ClaimAsync(session, batch)) { return; }
            // In one order for all instances, so that they wait for each other and do not deadlock.
            var networks = batch.Usage.GroupBy(static use => use.Network, StringComparer.Ordinal).OrderBy(static group => group.Key, StringComparer.Ordinal).ToArray();
            foreach (var some in networks.Chunk(RowsOfStatement)) { await AddNetworksAsync(session, batch.Month, some); }
            var nodes = batch.Usage.Where(static use => use.Network.Length > 0) // a stranger's name is worth nothing, and there are any number of them
                .Select(static use => (use.Network, Node: use.Client.IsDefault ? "" : use.Client.ToString(), use.RelayedBytes, use.ControlBytes))
                .OrderBy(static row => row.Network, StringComparer.Ordinal).ThenBy(static row => row.Node, StringComparer.Ordinal);
            foreach (var some in nodes.Chunk(RowsOfStatement)) { await AddNodesAsync(session, batch.Month, some); }
            foreach (var some in networks.Select(static group => group.Key).Where(static network => network.Length > 0).Chunk(RowsOfStatement))
            {
                await EvaluateAsync(session, batch.Month, some);
            }
        },
        cancellationToken);

    /// <summary>What a network used of a month, and may.</summary>
    public async Task<NetworkUsage> ReadAsync(Session session, string network, string month)
    {
        var plan = await session.FirstAsync($"SELECT plan FROM relay_plans WHERE network = {network}", static row => row.Text("plan"));
        var (relayed, control) = await session.FirstAsync(
            $"SELECT relayed, control FROM network_usage WHERE network = {network} AND month = {month}", static row => (row.Long("relayed"), row.Long("control")));
        return new(relayed, control, settings.Relaying.PlanOf(plan).BytesPerMonth);
    }

    /// <summary>A network's nodes by name, those after <paramref name="after"/>; from the first when null.</summary>
    public static Task<List<NodeUsage>> NodesAsync(Session session, string network, string month, string? after, int limit) => session.QueryAsync(
        $"SELECT node, relayed, control FROM node_usage WHERE network = {network} AND month = {month} {(after is null ? SqlText.Empty : (SqlText)$"AND node > {after}")} ORDER BY node LIMIT {limit}",
        static row => new NodeUsage(row.Text("node"), row.Long("relayed"), row.Long("control")));

    /// <summary>A network's events, the newest first.</summary>
    public static Task<List<UsageEvent>> EventsAsync(Session session, string network, int limit) => session.QueryAsync(
        $"SELECT id, network, month, percent, used, allowance, at FROM usage_events WHERE network = {network} ORDER BY at DESC, percent DESC LIMIT {limit}",
        static row => new UsageEvent(
            row.Text("id"), row.Text("network"), row.Text("month"), row.Long("percent"), row.Long("used"), row.Long("allowance"),
            DateTimeOffset.FromUnixTimeMilliseconds(row.Long("at"))));

    private async Task<bool> ClaimAsync(Session session, UsageBatch batch)
    {
        if (await session.ExecuteAsync(
            $"INSERT INTO usage_flushes (run, number, at) VALUES ({batch.Run}, {batch.Number}, {time.GetUtcNow()}) ON CONFLICT (run) DO UPDATE SET number = excluded.number, at = excluded.at WHERE usage_flushes.number < excluded.number") == 0)
        {
            return false;
        }
        // One row for each run there ever was. Those of long ago go by their number and not by their age: a clock that jumps would make the others' look old, and what they wrote count again.
        if (batch.Number == 1) { await session.ExecuteAsync($"DELETE FROM usage_flushes WHERE run IN (SELECT run FROM usage_flushes ORDER BY at DESC LIMIT {(long)RowsOfStatement} OFFSET {RunsKept})"); }
        return true;
    }

    private static async Task AddNetworksAsync(Session session, string month, IGrouping<string, RelayUsage>[] networks)
    {
        var rows = Join(networks, group =>
            $"({group.Key}, {month}, {group.Sum(static use => use.RelayedBytes)}, {group.Sum(static use => use.ControlBytes)}, 0)");
        await session.ExecuteAsync(
            $"INSERT INTO network_usage (network, month, relayed, control, warned) VALUES {rows} ON CONFLICT (network, month) DO UPDATE SET relayed = network_usage.relayed + excluded.relayed, control = network_usage.control + excluded.control");
    }

    private static async Task AddNodesAsync(Session session, string month, (string Network, string Node, long Relayed, long Control)[] nodes)
    {
        var rows = Join(nodes, row => $"({row.Network}, {month}, {row.Node}, {row.Relayed}, {row.Control})");
        await session.ExecuteAsync(
            $"INSERT INTO node_usage (network, month, node, relayed, control) VALUES {rows} ON CONFLICT (network, month, node) DO UPDATE SET relayed = node_usage.relayed + excluded.relayed, control = node_usage.control + excluded.control");
    }

    private async Task EvaluateAsync(Session session, string month, string[] networks)
    {
        var rows = await session.QueryAsync(
            $"SELECT u.network, u.relayed + u.control AS used, u.warned, p.plan FROM network_usage u LEFT JOIN relay_plans p ON p.network = u.network WHERE u.month = {month} AND u.network IN ({Join(networks, static network => $"{network}")})",
            static row => (Network: row.Text("network"), Used: row.Long("used"), Warned: row.Long("warned"), Plan: row.TextOrNull("plan")));
        foreach (var (network, used, warned, name) in rows)
        {
            var allowance = settings.Relaying.PlanOf(name).BytesPerMonth;
            // Both, where one flush passes both: whoever waits for the first to do something must not miss it.
            foreach (var percent in Thresholds.Where(threshold => threshold > warned && (Int128)used * 100 >= (Int128)allowance * threshold))
            {
                await WarnAsync(session, new(Identifiers.New("use"), network, month, percent, used, allowance, time.GetUtcNow()));
            }
        }
    }

    private async Task WarnAsync(Session session, UsageEvent warning)
    {
        await session.ExecuteAsync($"UPDATE network_usage SET warned = {warning.Percent} WHERE network = {warning.Network} AND month = {warning.Month}");
        await session.ExecuteAsync(
            $"INSERT INTO usage_events (id, network, month, percent, used, allowance, at) VALUES ({warning.Id}, {warning.Network}, {warning.Month}, {warning.Percent}, {warning.Used}, {warning.Allowance}, {warning.At})");
        await outbox.RaiseAsync(session, new("", "usage.warning", default, warning.Network, Anonymised: false, Percent: (int)warning.Percent));
        session.Notify(Channel, $"{warning.Percent} {warning.Network}");
        if (warning.Percent >= 100) { session.Notify(RelayNodes.Channel, $"n {warning.Network}"); }
    }

    private static SqlText Join<T>(IEnumerable<T> items, Func<T, SqlText> write)
    {
        var all = SqlText.Empty;
        var isFirst = true;
        foreach (var item in items)
        {
            if (!isFirst) { all.AppendLiteral(", "); }
            all.AppendFormatted(write(item));
            isFirst = false;
        }
        return all;
    }
}
