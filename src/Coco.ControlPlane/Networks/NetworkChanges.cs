using System.Globalization;
using Coco.Cluster;
using Coco.Cluster.Certificates;
using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts.Networks;
using Coco.ControlPlane.Relaying;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Webhooks;
using Coco.Crypto;

namespace Coco.ControlPlane.Networks;

/// <summary>Takes signed statements: verifies them, stores them, and brings the rows that follow from them in step, in one transaction.</summary>
internal sealed class NetworkChanges(NetworkLogs logs, NetworkNodes nodes, NetworkRoom room, WebhookOutbox outbox, ControlPlaneSettings settings)
{
    /// <summary>Statements of one request.</summary>
    public const int MaxBatch = 64;

    /// <summary>Takes one statement, which has to say what the operation is about.</summary>
    public async Task<ChangeView> ApplyAsync<TBody>(Session session, string network, string? text, Func<TBody, bool> says)
        where TBody : StatementBody
    {
        var id = NetworkText.Network(network);
        var statement = NetworkText.Statement(text, id);
        if (statement.Body is not TBody body || !says(body))
        {
            throw new ApiException(ProblemCode.StatementRefused, $"OtherMeaning: this {statement.Body.Type} does not say what is asked for here.");
        }
        return await ApplyAsync(session, id, [statement], mayFork: false);
    }

    /// <summary>Takes statements, all or none.</summary>
    public async Task<ChangeView> ApplyAsync(Session session, NetworkId network, IReadOnlyList<Statement> statements, bool mayFork)
    {
        var change = await logs.AddAsync(session, network, statements, mayFork);
        if (change.Added.Count > 0)
        {
            await StoreAsync(session, network, change);
            await FollowNodesAsync(session, change);
            await FollowPeopleAsync(session, change);
            await RaiseRolesAsync(session, change);
        }
        return new([.. statements.Select(statement => NetworkText.Of(statement.Id))], change.First + change.Added.Count - 1);
    }

    /// <summary>Reads the statements of a request.</summary>
    public static List<Statement> Read(IReadOnlyList<string>? texts, NetworkId network)
    {
        if (texts is null or []) { throw new ApiException(ProblemCode.StatementMissing, "There is no signed statement: this control plane signs nothing for its callers."); }
        if (texts.Count > MaxBatch) { throw new ApiException(ProblemCode.Invalid, $"A request has at most {MaxBatch} statements."); }
        return [.. texts.Select(text => NetworkText.Statement(text, network))];
    }

    private async Task StoreAsync(Session session, NetworkId network, StatementChange change)
    {
        var id = network.ToString();
        var number = change.First;
        foreach (var statement in change.Added)
        {
            await session.ExecuteAsync(
                $"INSERT INTO network_statements (network, number, id, statement) VALUES ({id}, {number++}, {NetworkText.Of(statement.Id)}, {statement.Encoded.ToArray()})");
        }
        var bytes = change.Added.Sum(static statement => (long)statement.Encoded.Length);
        var (name, profile) = (change.After.Name, NetworkText.Camel(change.After.Profile));
        await session.ExecuteAsync(
            $"UPDATE networks SET statements = {number - 1}, statement_bytes = statement_bytes + {bytes}, name = {name}, profile = {profile}, version = version + 1 WHERE id = {id}");
        // The owner has as much again, so that whoever fills the room can be removed.
        var most = change.Added.All(statement => statement.Issuer == change.After.Owner?.Key) ? 2L * settings.Networks.MaxStatements : settings.Networks.MaxStatements;
        if (number - 1 > most) { throw new ApiException(ProblemCode.PlanExceeded, $"A network has at most {most.ToString(CultureInfo.InvariantCulture)} statements here."); }
    }

    // Costs as much as was changed of nodes, and a look at all revocations and renamings, which the evaluation took as well.
    private async Task FollowNodesAsync(Session session, StatementChange change)
    {
        var (before, after) = (change.Before.Facts, change.After.Facts);
        foreach (var node in after.RevokedNodes.Keys.Where(node => !before.RevokedNodes.ContainsKey(node)))
        {
            if (await NetworkNodes.FindAsync(session, change.After.Network, node) is { } row && change.After.Check(row.Certificate, 0) is CertificateVerdict.NodeRevoked)
            {
                await NetworkNodes.RemoveAsync(session, row);
                await nodes.RaiseAsync(session, row, "node.removed");
            }
        }
        foreach (var user in after.Bans.Where(ban => !before.Bans.ContainsKey(ban.Key)).Select(static ban => ban.Value.User).Distinct().ToArray())
        {
            await StopServingAsync(session, change.After, user);
        }
        foreach (var node in ChangedRegisters(before, after).Concat(ChangedRegisters(after, before)).ToHashSet())
        {
            if (await NetworkNodes.FindAsync(session, change.After.Network, node) is { } row) { await NetworkNodes.FollowAsync(session, row, change.After); }
        }
    }

    // The nodes of a removed user stay on the list, where it says what became of them.
    private static async Task StopServingAsync(Session session, NetworkState state, UserId user)
    {
        var nodes = await session.QueryAsync(
            $"SELECT node FROM network_nodes WHERE network = {state.Network.ToString()} AND user_id = {user.ToString()} ORDER BY node", static row => NetworkText.Node(row.Text("node")));
        foreach (var node in nodes)
        {
            if (await NetworkNodes.FindAsync(session, state.Network, node) is { } row && state.Check(row.Certificate, 0) is CertificateVerdict.UserRevoked)
            {
                await RelayNodes.RemoveAsync(session, state.Network.ToString(), node);
            }
        }
    }

    private static IEnumerable<NodeId> ChangedRegisters(NetworkFacts one, NetworkFacts other)
    {
        foreach (var (key, register) in one.Registers)
        {
            if (key.Kind is not (RegisterKind.Name or RegisterKind.NameByOwner or RegisterKind.SubCluster or RegisterKind.SubClusterByOwner)) { continue; }
            if (!other.Registers.TryGetValue(key, out var there) || there.Id != register.Id) { yield return key.Subject; }
        }
    }

    private async Task RaiseRolesAsync(Session session, StatementChange change)
    {
        foreach (var statement in change.Added)
        {
            UserId? user = statement.Body switch
            {
                StatementBody.GrantRole grant => grant.User,
                StatementBody.Revoke { Kind: RevokeKind.User } revoke => new(revoke.SubjectKey),
                _ => null,
            };
            if (user is not { } changed) { continue; }
            var role = NetworkText.Camel(change.After.RoleOf(changed));
            await outbox.RaiseAsync(session, new("", "role.changed", default, change.After.Network.ToString(), Anonymised: false, User: changed.ToString(), Role: role));
        }
    }

    private async Task FollowPeopleAsync(Session session, StatementChange change)
    {
        var (id, state) = (change.After.Network.ToString(), change.After);
        var people = await session.QueryAsync(
            $"SELECT account, user_id, role FROM network_people WHERE network = {id} ORDER BY account", row => (Account: row.Text("account"), User: row.Text("user_id"), Role: row.Text("role")));
        foreach (var person in people)
        {
            var role = UserId.TryParse(person.User, out var user) ? await NetworkPeople.RoleOfAsync(session, state, user) : NetworkRole.None;
            if (role.ToString() == person.Role) { continue; }
            await session.ExecuteAsync($"UPDATE network_people SET role = {role.ToString()} WHERE network = {id} AND account = {person.Account}");
        }
        if (change.Before.Owner is null || change.Before.Owner == state.Owner) { return; }
        // Whoever has shown to be the new owner has the network here; nobody else has until then.
        string? account = null;
        foreach (var heir in people.Where(person => UserId.TryParse(person.User, out var user) && state.SuccessorOf(user) == state.Owner).Select(static person => person.Account))
        {
            if (account is null && await room.HasAsync(session, heir, id)) { account = heir; }
            // What was signed holds here as everywhere. Whoever has no room for the network links again, when there is; and one account has it.
            else { await session.ExecuteAsync($"DELETE FROM network_people WHERE network = {id} AND account = {heir}"); }
        }
        await session.ExecuteAsync($"UPDATE networks SET owner_account = {account}, owner_app = {(string?)null} WHERE id = {id}");
    }
}
