using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Networks;
using Coco.ControlPlane.Installs;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Networks;

/// <summary>
/// What a linked cloud sees of a person's networks: what the person needs to choose one, under a pseudonym. Neither the key nor what two clouds could compare
/// instead of it, such as how many statements there are or when the network came to the second.
/// </summary>
internal sealed class CloudNetworks(Pseudonyms pseudonyms)
{
    // More than anybody has; all are read, as the order of a listing must not be the order of the keys.
    private const int Most = 10_000;

    public async Task<Page<NetworkView>> ListAsync(Session session, Caller caller, Cursor cursor)
    {
        var all = await session.QueryAsync(
            $"""
            SELECT n.id, n.kind, n.name, n.profile, n.created, p.role FROM network_people p JOIN networks n ON n.id = p.network
            WHERE p.account = {caller.AccountId} AND p.role <> {nameof(NetworkRole.None)} ORDER BY p.network LIMIT {Most}
            """,
            row => View(row, caller.AppId!));
        var rows = all.Where(view => string.CompareOrdinal(view.Id, cursor.After) > 0).OrderBy(static view => view.Id, StringComparer.Ordinal).Take(cursor.Limit + 1).ToList();
        return cursor.Page(rows, static view => view.Id, static view => view);
    }

    private NetworkView View(Row row, string app) => new(
        pseudonyms.OfNetwork(app, row.Text("id")), row.Text("kind"), row.Text("name"), row.Text("profile"), row.Text("role").ToLowerInvariant(), Statements: 0, Anonymised: true,
        new(row.Time("created").UtcDateTime.Date, TimeSpan.Zero), Version: 0);
}
