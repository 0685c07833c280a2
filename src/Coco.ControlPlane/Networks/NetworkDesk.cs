using Coco.Cluster;
using Coco.Cluster.Statements;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Networks;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Networks;

/// <summary>Networks as rows: brought here, shown, listed.</summary>
internal sealed class NetworkDesk(NetworkChanges changes, NetworkPeople people, NetworkRoom room, NetworkLogs logs, TimeProvider time)
{
    private const string Developer = "developer";

    /// <summary>Brings a network here whose owner's key the caller holds.</summary>
    public async Task<Answer> CreateAsync(Session session, HttpContext context, Caller caller, CreateNetworkRequest request)
    {
        var network = RootOf(request);
        var statements = NetworkChanges.Read(request.Statements, network);
        if (statements[0].Body is not StatementBody.CreateNetwork) { throw new ApiException(ProblemCode.StatementRefused, "OtherMeaning: the first statement begins no network."); }
        var user = people.Require(context, network, request.Proof);
        var (id, kind) = (network.ToString(), caller.Kind is CallerKind.App ? Developer : "user");
        if (await session.AnyAsync($"SELECT 1 FROM networks WHERE id = {id}"))
        {
            throw new ApiException(ProblemCode.Conflict, "The network is here already. Link its owner to have it.");
        }
        await room.RequireAsync(session, caller, id);
        await session.ExecuteAsync($"INSERT INTO networks (id, kind, name, owner_app, created, version) VALUES ({id}, {kind}, {""}, {(kind == Developer ? caller.AppId : null)}, {time.GetUtcNow()}, {0L})");
        await changes.ApplyAsync(session, network, statements, mayFork: false);
        var state = await logs.StateAsync(session, network);
        if (state.Owner != user) { throw new ApiException(ProblemCode.StatementRefused, "NotPermitted: the proof is not by the key that owns the network."); }
        if (kind != Developer) { await people.LinkAsync(session, caller, network, user); }
        var view = await FindAsync(session, caller, id);
        return Answer.Created("/v1/networks/" + id, view, view.Version);
    }

    public static async Task<NetworkView> FindAsync(Session session, Caller caller, string network) =>
        await session.FirstAsync(
            $"SELECT n.*, p.role FROM networks n LEFT JOIN network_people p ON p.network = n.id AND p.account = {caller.AccountId ?? ""} WHERE n.id = {network}", row => View(row, caller))
        ?? throw ApiException.NotFound("network");

    public static async Task<Page<NetworkView>> ListAsync(Session session, Caller caller, Cursor cursor)
    {
        var rows = caller.Kind is CallerKind.App
            ? await session.QueryAsync(
                $"SELECT n.*, NULL AS role FROM networks n WHERE n.owner_app = {caller.AppId} AND n.id > {cursor.After} ORDER BY n.id LIMIT {cursor.Limit + 1L}", row => View(row, caller))
            : await session.QueryAsync(
                $"""
                SELECT n.*, p.role FROM network_people p JOIN networks n ON n.id = p.network
                WHERE p.account = {caller.AccountId} AND p.role <> {nameof(NetworkRole.None)} AND p.network > {cursor.After} ORDER BY p.network LIMIT {cursor.Limit + 1L}
                """,
                row => View(row, caller));
        return cursor.Page(rows, view => view.Id, view => view);
    }

    // The issuer of the first statement is the root, whose key is the network's name: Read holds all of them to it.
    private static NetworkId RootOf(CreateNetworkRequest request)
    {
        var bytes = NetworkText.Bytes(request.Statements is [var first, ..] ? first : null, Statement.MaxLength, "signed statement");
        return bytes.Length > 1 + NetworkId.Size ? new(Crypto.NodeId.Read(bytes.AsSpan(1, NetworkId.Size))) : throw new ApiException(ProblemCode.StatementRefused, "Malformed: the first statement is none.");
    }

    private static NetworkView View(Row row, Caller caller)
    {
        var (kind, role) = (row.Text("kind"), row.TextOrNull("role"));
        var isOwner = caller.Kind is CallerKind.App ? row.TextOrNull("owner_app") == caller.AppId : row.TextOrNull("owner_account") == caller.AccountId;
        return new(
            row.Text("id"), kind, row.Text("name"), row.Text("profile"), isOwner ? "owner" : (role ?? nameof(NetworkRole.None)).ToLowerInvariant(), row.Long("statements"),
            kind != Developer, row.Time("created"), row.Long("version"));
    }
}
