using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;
using Coco.Cli.Api;
using Coco.Cli.Daemon;

namespace Coco.Cli.Backups;

/// <summary>Puts a backup back, whole or not at all, where nothing is yet. The nodes know that they were restored, for the original may still run.</summary>
internal static class BackupReader
{
    // Chosen: far beyond what networks need; a manifest that says more is none of ours.
    private const long MaxFile = 4L << 30;
    private const int MaxFiles = 4096;
    private const int MaxManifest = 4 << 20;

    public static async Task<BackupDone> RestoreAsync(string file, Places places, CancellationToken cancellationToken)
    {
        places.Prepare();
        using var held = DaemonLock.TryTake(places) ?? throw new CommandException(ExitCode.Failed, "The daemon is running. Stop it first: `coco down`.");
        if (File.Exists(places.KeyFile) || Directory.EnumerateFileSystemEntries(places.Networks).Any())
        {
            throw new CommandException(
                ExitCode.Failed, $"There are networks or keys in {places.State} already, and nothing was changed. Move that folder away, then restore again.");
        }
        var staging = Path.Combine(places.State, "restoring");
        if (Directory.Exists(staging)) { Directory.Delete(staging, recursive: true); }
        Directory.CreateDirectory(staging);
        try
        {
            var manifest = await UnpackAsync(file, staging, cancellationToken);
            Mark(staging);
            // The key last: a folder that has it is whole.
            Directory.Delete(places.Networks);
            Directory.CreateDirectory(Path.Combine(staging, "networks"));
            Directory.Move(Path.Combine(staging, "networks"), places.Networks);
            if (File.Exists(Path.Combine(staging, "apps.json"))) { File.Move(Path.Combine(staging, "apps.json"), places.AppsFile, overwrite: true); }
            File.Move(Path.Combine(staging, "store.key"), places.KeyFile);
            return new(file, manifest.MadeAt, manifest.Networks, Crypto.KeyFiles.KeyFile.Inspect(places.KeyFile).Kind is Crypto.KeyFiles.KeyFileKind.Passphrase);
        }
        finally
        {
            Directory.Delete(staging, recursive: true);
        }
    }

    private static async Task<BackupManifest> UnpackAsync(string file, string folder, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = File.OpenRead(file);
            await using var tar = new TarReader(stream);
            var manifest = await ReadManifestAsync(tar, cancellationToken);
            foreach (var expected in manifest.Files)
            {
                if (!IsOurs(expected.Name) || expected.Length is < 0 or > MaxFile) { throw new InvalidDataException($"it holds {expected.Name}, which is none of ours"); }
                var entry = await tar.GetNextEntryAsync(cancellationToken: cancellationToken);
                if (entry is not { EntryType: TarEntryType.RegularFile } || entry.Name != expected.Name || entry.Length != expected.Length)
                {
                    throw new InvalidDataException($"{expected.Name} is missing");
                }
                await UnpackAsync(entry, Path.Combine(folder, expected.Name), expected, cancellationToken);
            }
            return manifest;
        }
        catch (Exception exception) when (exception is InvalidDataException or FormatException or JsonException or EndOfStreamException)
        {
            throw new CommandException(ExitCode.Failed, $"{file} is no backup of coco, or it is damaged: {Trouble.Sentence(exception.Message)} Nothing was restored.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException && !Trouble.IsFullDisk(exception))
        {
            throw new CommandException(ExitCode.Failed, $"{file} cannot be restored: {Trouble.Say(exception)} Nothing was changed.", exception);
        }
    }

    private static async Task<BackupManifest> ReadManifestAsync(TarReader tar, CancellationToken cancellationToken)
    {
        var first = await tar.GetNextEntryAsync(cancellationToken: cancellationToken);
        if (first is not { Name: BackupManifest.FileName, DataStream: { } content, Length: <= MaxManifest }) { throw new InvalidDataException("it does not begin as one"); }
        var manifest = await JsonSerializer.DeserializeAsync(content, ApiJson.Default.BackupManifest, cancellationToken);
        if (manifest is not { Format: BackupManifest.CurrentFormat }) { throw new InvalidDataException("it is of another version of coco"); }
        if (manifest.Files.Count > MaxFiles || manifest.Files.All(static one => one.Name != "store.key")) { throw new InvalidDataException("it has no key"); }
        return manifest;
    }

    // Names lead nowhere but into the folder.
    private static bool IsOurs(string name) => name is "store.key" or "apps.json"
        || name.Split('/') is ["networks", { } node, NodeSettings.FileName or "node.db"] && IsPlain(node);

    private static bool IsPlain(string name) => name.Length > 0 && name[0] != '.' && name.All(static one => char.IsAsciiLetterOrDigit(one) || one is '.' or '-' or '_');

    private static async Task UnpackAsync(TarEntry entry, string path, BackupEntry expected, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite };
        if (!OperatingSystem.IsWindows()) { options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; }
        await using var target = new FileStream(path, options);
        if (entry.DataStream is { } content) { await content.CopyToAsync(target, cancellationToken); }
        target.Position = 0;
        if (Convert.ToHexStringLower(await SHA256.HashDataAsync(target, cancellationToken)) != expected.Sha256) { throw new InvalidDataException($"{expected.Name} is not what was backed up"); }
        target.Flush(flushToDisk: true);
    }

    private static void Mark(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, NodeSettings.FileName, SearchOption.AllDirectories))
        {
            var settings = JsonSerializer.Deserialize(File.ReadAllBytes(file), ApiJson.Default.NodeSettings) ?? throw new InvalidDataException($"{file} is empty");
            SafeFile.Write(file, JsonSerializer.SerializeToUtf8Bytes(settings with { RestoredAt = DateTimeOffset.UtcNow }, ApiJson.Default.NodeSettings));
        }
    }
}
