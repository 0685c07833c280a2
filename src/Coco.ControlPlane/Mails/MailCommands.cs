using Coco.ControlPlane.Commands;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Mails;

/// <summary><c>coco-control mails</c>, beside an instance that may be running.</summary>
internal static class MailCommands
{
    private const string Usage = "mails count|send|drop [--NAME VALUE]...";

    public static IReadOnlyList<Command> All { get; } =
    [
        new("mails", "count|send|drop", "counts mail that waits, and sends or erases what is held since a backup was restored", RunAsync),
    ];

    private static async Task<int> RunAsync(CommandCall call)
    {
        if (call.Arguments is not ["count" or "send" or "drop"]) { return await call.MisusedAsync(Usage); }
        await using var database = await call.OpenDatabaseAsync();
        await call.Output.WriteLineAsync(call.Arguments[0] switch
        {
            "send" => await SendAsync(database),
            "drop" => $"Erased: {await database.WriteInLaneAsync(MailOutbox.Channel, HeldMails.DropAsync, CancellationToken.None)}.",
            _ => await CountAsync(database),
        });
        return EntryPoint.Done;
    }

    private static async Task<string> SendAsync(Database database)
    {
        var now = TimeProvider.System.GetUtcNow();
        var (released, dropped) = await database.WriteInLaneAsync(MailOutbox.Channel, session => HeldMails.ReleaseAsync(session, now), CancellationToken.None);
        return $"To be sent: {released}. Of no use any more, and erased: {dropped}.";
    }

    private static async Task<string> CountAsync(Database database)
    {
        var (waiting, held) = await database.ReadAsync(HeldMails.CountAsync, CancellationToken.None);
        return $"Waiting: {waiting}. Held since a backup was restored: {held}.";
    }
}
