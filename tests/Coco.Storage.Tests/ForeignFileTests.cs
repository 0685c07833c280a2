using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Coco.Storage.Sqlite;

namespace Coco.Storage.Tests;

/// <summary>What is not ours is said to be so and left as it is.</summary>
public sealed partial class ForeignFileTests
{
    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("dear diary")]
    [InlineData("#!/bin/sh\nexit 0\n")]
    public async Task Texts_and_empty_files_are_foreign(string content)
    {
        using var folder = new StoreFolder();
        await File.WriteAllTextAsync(folder.Path, content);
        await AssertForeignAsync(folder);
    }

    [Fact]
    public async Task Random_bytes_are_foreign()
    {
        using var folder = new StoreFolder();
        var bytes = new byte[20_000];
        new Random(3).NextBytes(bytes);
        await File.WriteAllBytesAsync(folder.Path, bytes);
        await AssertForeignAsync(folder);
    }

    [Theory]
    [InlineData("DELETE")]
    [InlineData("WAL")]
    public async Task Another_database_of_SQLite_is_foreign(string journal)
    {
        using var folder = new StoreFolder();
        await File.WriteAllBytesAsync(folder.Path, []);
        using (var connection = new Connection(folder.Path, vfs: null))
        {
            connection.CheckpointOnClose(true);
            connection.Execute($"PRAGMA journal_mode={journal}; CREATE TABLE t(x); INSERT INTO t VALUES(1)");
        }
        await AssertForeignAsync(folder);
    }

    [Fact]
    public async Task A_folder_and_a_pipe_are_foreign()
    {
        using var folder = new StoreFolder();
        Directory.CreateDirectory(folder.Path);
        Assert.Equal(StoreError.Foreign, (await folder.RefusalAsync()).Code);
        Directory.Delete(folder.Path);

        if (OperatingSystem.IsWindows()) { return; }
        Assert.Equal(0, mkfifo(folder.Path, 0b110_000_000));
        Assert.Equal(StoreError.Foreign, (await folder.RefusalAsync()).Code);
    }

    [Fact]
    public async Task A_store_of_a_later_version_is_left_to_it()
    {
        using var folder = new StoreFolder();
        await (await folder.OpenAsync()).DisposeAsync();
        var file = await File.ReadAllBytesAsync(folder.Path);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(60), 0x0002_FFFD);
        await File.WriteAllBytesAsync(folder.Path, file);

        Assert.Equal(StoreError.UnsupportedVersion, (await folder.RefusalAsync()).Code);
        Assert.Equal(file, await File.ReadAllBytesAsync(folder.Path));
    }

    [Fact]
    public async Task A_journal_of_somebody_elses_is_not_played_back()
    {
        using var folder = new StoreFolder();
        await (await folder.OpenAsync()).DisposeAsync();
        await File.WriteAllBytesAsync(folder.Path + "-journal", new byte[600]);
        Assert.Equal(StoreError.Corrupt, (await folder.RefusalAsync()).Code);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_an_error_of_input_and_output()
    {
        using var folder = new StoreFolder();
        using var key = StoreKey.FromPassphrase("x");
        var refusal = await Assert.ThrowsAsync<StoreException>(
            () => NodeStore.OpenAsync(folder.In("missing/node.store"), key, new() { Passes = 1, MemoryKiB = 19 * 1024 }));
        Assert.Equal(StoreError.Io, refusal.Code);
    }

    [Fact]
    public async Task A_file_one_may_not_read_is_an_error_of_input_and_output()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "permissions of Linux");
        using var folder = new StoreFolder();
        await (await folder.OpenAsync()).DisposeAsync();
        if (!OperatingSystem.IsWindows()) { File.SetUnixFileMode(folder.Path, UnixFileMode.None); }

        // For root too: the thread gives up root's way around permissions, for itself only (setfsuid(2)).
        StoreError? found = null;
        var thread = new Thread(() =>
        {
            _ = setfsuid(65534);
            try { Files.StoreFile.TryOpen(folder.Path)?.Dispose(); }
            catch (StoreException e) { found = e.Code; }
        });
        thread.Start();
        thread.Join();
        Assert.Equal(StoreError.Io, found);
    }

    private static async Task AssertForeignAsync(StoreFolder folder)
    {
        var (before, time) = (await File.ReadAllBytesAsync(folder.Path), File.GetLastWriteTimeUtc(folder.Path));
        foreach (var mode in new[] { StoreMode.Open, StoreMode.OpenOrCreate })
        {
            var refusal = await folder.RefusalAsync(new() { Mode = mode });
            Assert.Equal(StoreError.Foreign, refusal.Code);
            Assert.Contains(folder.Path, refusal.Message, StringComparison.Ordinal);
        }
        Assert.Equal(before, await File.ReadAllBytesAsync(folder.Path));
        Assert.Equal(time, File.GetLastWriteTimeUtc(folder.Path));
        Assert.Equal(["node.store"], folder.Files());
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkfifo(string path, uint mode);

    [LibraryImport("libc")]
    private static partial int setfsuid(uint user);
}
