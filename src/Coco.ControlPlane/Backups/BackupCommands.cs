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
        var rows = await BackupReader.ReadAsync(database, secret, path, CancellationToken.None);
        await call.Output.WriteLineAsync($"{rows} rows were restored.");
        return EntryPoint.Done;
    }
}
