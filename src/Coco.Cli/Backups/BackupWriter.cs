using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;
using Coco.Cli.Api;
using Coco.Cli.Daemon;
using Coco.Crypto;
using Coco.Crypto.KeyFiles;
using Coco.Storage;

namespace Coco.Cli.Backups;

/// <summary>
/// Makes a backup: a tar file of <see cref="BackupManifest"/>, the key file and, of each network, the store and what the daemon keeps beside it. It is made
/// by a process of its own while the daemon runs: a process that closes a store's file would let go of the locks that it holds on it itself.
/// </summary>
internal sealed class BackupWriter(Places places, IdentityKey key)
{
    // Chosen: a busy store moves its log once a megabyte, so a second attempt is rare.
    private const int MaxAttempts = 8;

    public async Task<BackupDone> WriteAsync(string file, string? passphrase, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("coco-backup-").FullName; // 0700
        try
        {
            var isProtected = PutKey(Path.Combine(folder, "store.key"), passphrase);
            var networks = new List<string>();
            foreach (var node in Directory.EnumerateDirectories(places.Networks).Order(StringComparer.Ordinal))
            {
                if (ReadSettings(node) is not { IsPending: false } settings) { continue; }
                var target = Path.Combine(folder, "networks", Path.GetFileName(node));
                Directory.CreateDirectory(target);
                File.Copy(Path.Combine(node, NodeSettings.FileName), Path.Combine(target, NodeSettings.FileName));
                await CopyStoreAsync(Path.Combine(node, "node.db"), Path.Combine(target, "node.db"), cancellationToken);
                networks.Add(settings.Network);
            }
            if (File.Exists(places.AppsFile)) { File.Copy(places.AppsFile, Path.Combine(folder, "apps.json")); }
            var manifest = new BackupManifest(BackupManifest.CurrentFormat, CommandLine.Version, DateTimeOffset.UtcNow, networks, [.. EntriesOf(folder)]);
            await PackAsync(folder, manifest, file, cancellationToken);
            return new(file, manifest.MadeAt, networks, isProtected);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // A key that a passphrase protects stays as it is.
    private bool PutKey(string target, string? passphrase)
    {
        if (KeyFile.Inspect(places.KeyFile).Kind is KeyFileKind.Passphrase)
        {
            File.Copy(places.KeyFile, target);
            return true;
        }
        if (passphrase is null) { KeyFile.WriteUnattended(target, key); } else { KeyFile.WriteProtected(target, key, passphrase); }
        return passphrase is not null;
    }

    private async Task CopyStoreAsync(string from, string to, CancellationToken cancellationToken)
    {
        using var storeKey = StoreKey.FromIdentity(key);
        for (var attempt = 1; ; attempt++)
        {
            // The log first: what the store moves into its file meanwhile is in both, and applied once more changes nothing. A log that has become
            // shorter was begun anew.
            var logLength = Copy(from + "-wal", to + "-wal");
            Copy(from, to);
            var isWhole = LengthOf(from + "-wal") >= logLength;
            try
            {
                if (isWhole)
                {
                    // Opening reads and checks all of it, and closing leaves no log.
                    await (await NodeStore.OpenAsync(to, storeKey, new() { Mode = StoreMode.Open }, cancellationToken)).DisposeAsync();
                    return;
                }
            }
            catch (StoreException exception) when (exception.Code is StoreError.Corrupt && attempt < MaxAttempts)
            {
                // It was written to in between.
            }
            if (attempt == MaxAttempts) { throw new CommandException(ExitCode.Failed, $"The store {from} changes too fast to be copied. Try again in a while, or after `coco down`."); }
            File.Delete(to);
            File.Delete(to + "-wal");
        }
    }

    private static long Copy(string from, string to)
    {
        if (!File.Exists(from)) { return 0; }
        using var source = LockedFile.Open(from);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) { options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; }
        using var target = new FileStream(to, options);
        source.CopyTo(target);
        return target.Length;
    }

    private static long LengthOf(string file) => File.Exists(file) ? new FileInfo(file).Length : 0;

    private static NodeSettings? ReadSettings(string folder)
    {
        var file = Path.Combine(folder, NodeSettings.FileName);
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize(File.ReadAllBytes(file), ApiJson.Default.NodeSettings) : null;
        }
        catch (JsonException)
        {
            throw new CommandException(ExitCode.Failed, $"{file} is damaged, and a backup without it would not be whole. `coco doctor` tells more.");
        }
    }

    private static IEnumerable<BackupEntry> EntriesOf(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using var stream = File.OpenRead(file);
            yield return new(Path.GetRelativePath(folder, file).Replace('\\', '/'), stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
        }
    }

    private static async Task PackAsync(string folder, BackupManifest manifest, string file, CancellationToken cancellationToken)
    {
        var beside = file + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) { options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; }
        try
        {
            await using (var stream = new FileStream(beside, options))
            {
                await using (var tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
                {
                    using var head = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(manifest, ApiJson.Default.BackupManifest));
                    await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, BackupManifest.FileName) { DataStream = head }, cancellationToken);
                    foreach (var entry in manifest.Files)
                    {
                        await using var content = File.OpenRead(Path.Combine(folder, entry.Name));
                        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, entry.Name) { DataStream = content }, cancellationToken);
                    }
                }
                stream.Flush(flushToDisk: true);
            }
            File.Move(beside, file, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }
}
