using System.Globalization;
using Coco.ControlPlane.Commands;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.OAuth;

/// <summary><c>coco-control keys</c>: the keys that sign ID tokens, beside instances that may be running; they read them from the database for each token.</summary>
internal static class KeyCommands
{
    private const string Usage = "keys list | keys rotate [keep] [--NAME VALUE]...";

    public static IReadOnlyList<Command> All { get; } =
    [
        new("keys", "list|rotate [keep]", "lists the keys that sign ID tokens, or signs by a new one at once; the old are shown no more, unless to be kept", RunAsync),
    ];

    private static async Task<int> RunAsync(CommandCall call)
    {
        if (call.Arguments is not (["list"] or ["rotate"] or ["rotate", "keep"])) { return await call.MisusedAsync(Usage); }
        await using var database = await call.OpenDatabaseAsync();
        if (call.Arguments[0] == "list") { return await ListAsync(call, database); }
        using var secret = call.OpenSecret();
        var id = await database.WriteAsync(session => SigningKeys.RotateAsync(session, secret, TimeProvider.System.GetUtcNow(), keepsOthers: call.Arguments.Count > 1), CancellationToken.None);
        await call.Output.WriteLineAsync(id);
        await call.Error.WriteLineAsync(call.Arguments.Count > 1
            ? "It signs from now on. What the old ones signed is good until it ends."
            : "It signs from now on. What the old ones signed is believed by nobody who asks for the keys anew; who keeps copies of them has to be told.");
        return EntryPoint.Done;
    }

    private static async Task<int> ListAsync(CommandCall call, Database database)
    {
        var keys = await database.ReadAsync(static session => session.QueryAsync($"SELECT id, created FROM signing_keys ORDER BY created DESC", static row => (Id: row.Text("id"), Created: row.Time("created"))), CancellationToken.None);
        foreach (var (id, created) in keys) { await call.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{id} {created:u}")); }
        return EntryPoint.Done;
    }
}
