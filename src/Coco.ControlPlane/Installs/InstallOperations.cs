using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Installs;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Installs;

/// <summary>Operations on installs. A node is an install of the app that its certificate names by the name this control plane gave it.</summary>
internal static class InstallOperations
{
    public static void Map(ApiRoutes routes) => routes.Map<Page<InstallView>>(Api.Operations.ListInstalls, 200, ListAsync);

    // Ordered by pseudonyms: the order of arrival, and the cursor, would tell which are which.
    private static async Task<Answer> ListAsync(string app, Cursor cursor, Database database, Pseudonyms pseudonyms, TimeProvider time, HttpContext context)
    {
        // An install of others is shown from the next day on: whoever asks every second would know when it came.
        var today = new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        var rows = await database.ReadAsync(
            session => session.QueryAsync(
                $"""
                SELECT m.install, m.network, m.node, m.created, n.kind, n.owner_app FROM network_nodes m JOIN networks n ON n.id = m.network
                WHERE m.app = {app} AND m.install > {cursor.After} AND (m.created < {today} OR (n.kind = {"developer"} AND n.owner_app = {app})) ORDER BY m.install LIMIT {cursor.Limit + 1L}
                """,
                row => (Install: row.Text("install"), View: View(row, app, pseudonyms))),
            context.RequestAborted);
        return Answer.Ok(cursor.Page(rows, row => row.Install, row => row.View));
    }

    private static InstallView View(Row row, string app, Pseudonyms pseudonyms)
    {
        var day = DateOnly.FromDateTime(row.Time("created").UtcDateTime);
        return row.Text("kind") == "developer" && row.TextOrNull("owner_app") == app
            ? new(row.Text("node"), row.Text("network"), day, Anonymised: false)
            : new(row.Text("install"), pseudonyms.OfNetwork(app, row.Text("network")), day, Anonymised: true);
    }
}
