using Coco.ControlPlane.Commands;
using Coco.ControlPlane.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.ControlPlane.Backups;

/// <summary><c>coco-control backup</c> and <c>restore</c>.</summary>
internal static class BackupCommands
{
    public static IReadOnlyList<Command> All { get; } =
    [
        new("backup", "FILE", "writes all that the database holds to a sealed file; the instance may be running", BackupAsync),
        new("restore", "FILE", "fills an empty database from such a file, of either engine", RestoreAsync),
    ];

    private static async Task<int> BackupAsync(CommandCall call)
    {
        if (call.Arguments is not [var path]) { return await call.MisusedAsync("backup FILE [--NAME VALUE]..."); }
        using var secret = call.OpenSecret();
        await using var database = await call.OpenDatabaseAsync();
        var rows = await BackupWriter.WriteAsync(database, secret, path, CancellationToken.None);
        await call.Output.WriteLineAsync($"{rows} rows are in {path}. It opens with {call.Settings.SecretPath} only: keep a copy of that too, elsewhere.");
        return EntryPoint.Done;
    }

    private static async Task<int> RestoreAsync(CommandCall call)
    {
        if (call.Arguments is not [var path]) { return await call.MisusedAsync("restore FILE [--NAME VALUE]..."); }
        using var secret = call.OpenSecret();
        await using var database = await Database.OpenAsync(call.Settings.DatabaseLocation, NullLogger.Instance, DatabaseUse.Restore, CancellationToken.None);
        var restored = await BackupReader.ReadAsync(database, secret, path, TimeProvider.System.GetUtcNow(), CancellationToken.None);
        await call.Output.WriteLineAsync($"{restored.Rows} rows were restored.");
        await call.Output.WriteLineAsync(
            $"Sessions and tokens hold no more, as nobody knows here which were taken back since: {restored.RevokedTokens}. People sign in again, apps ask for new tokens, `coco-control operator-token` makes the operator's.");
        await call.Output.WriteLineAsync("Passwords, passkeys and apps' secrets are those of the backup: change what was changed since because somebody else knew it.");
        if (restored.DroppedMails > 0) { await call.Output.WriteLineAsync($"Mails that waited and are of no use any more, as their codes are over, are erased: {restored.DroppedMails}."); }
        if (restored.HeldMails > 0)
        {
            await call.Output.WriteLineAsync(
                $"Mails that waited when the backup was made are held, as they may have been sent since: {restored.HeldMails}. `coco-control mails send` sends them, `coco-control mails drop` erases them.");
        }
        return EntryPoint.Done;
    }
}
