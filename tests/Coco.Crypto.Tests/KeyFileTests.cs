using Coco.Crypto.KeyFiles;

namespace Coco.Crypto.Tests;

public sealed class KeyFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("coco-keys").FullName;
    private readonly IdentityKey _key = IdentityKey.Generate(new SeededRandomSource(1));

    private string FilePath => Path.Combine(_folder, "node.key");

    public void Dispose()
    {
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_protected_key_comes_back_with_its_passphrase_only()
    {
        KeyFile.WriteProtected(FilePath, _key, "correct horse", Cheap);

        using var read = KeyFile.ReadProtected(FilePath, "correct horse");
        Assert.Equal(_key.Id, read.Id);
        Assert.Equal(new KeyFileInfo(KeyFileKind.Passphrase, _key.Id), KeyFile.Inspect(FilePath));
        AssertFails(KeyFileError.WrongPassphrase, () => KeyFile.ReadProtected(FilePath, "correct house"));
        AssertFails(KeyFileError.WrongPassphrase, () => KeyFile.ReadProtected(FilePath, ""));
        AssertFails(KeyFileError.WrongKind, () => KeyFile.ReadUnattended(FilePath));
    }

    [Fact]
    public void An_unattended_key_comes_back_and_is_the_owner_s_alone()
    {
        KeyFile.WriteUnattended(FilePath, _key);

        using var read = KeyFile.ReadUnattended(FilePath);
        Assert.Equal(_key.Id, read.Id);
        Assert.Equal(new KeyFileInfo(KeyFileKind.Unattended, _key.Id), KeyFile.Inspect(FilePath));
        AssertFails(KeyFileError.WrongKind, () => KeyFile.ReadProtected(FilePath, "passphrase"));
        if (!OperatingSystem.IsWindows()) { Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath)); }
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void An_unattended_key_that_others_can_read_or_write_is_refused(UnixFileMode others)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such permissions.");
        KeyFile.WriteUnattended(FilePath, _key);
        if (!OperatingSystem.IsWindows()) { File.SetUnixFileMode(FilePath, UnixFileMode.UserRead | others); }

        AssertFails(KeyFileError.TooPermissive, () => KeyFile.ReadUnattended(FilePath));
    }

    [Fact]
    public void An_unattended_key_of_another_user_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root on Linux can give a file away.");
        KeyFile.WriteUnattended(FilePath, _key);
        using (var chown = System.Diagnostics.Process.Start("chown", ["12345", FilePath])) { chown.WaitForExit(); }

        AssertFails(KeyFileError.NotOwned, () => KeyFile.ReadUnattended(FilePath));
    }

    [Fact]
    public void A_file_is_overwritten_only_when_asked_for_and_nothing_is_left_beside_it()
    {
        using var second = IdentityKey.Generate(new SeededRandomSource(2));
        KeyFile.WriteUnattended(FilePath, _key);

        AssertFails(KeyFileError.AlreadyExists, () => KeyFile.WriteUnattended(FilePath, second));
        Assert.Equal(_key.Id, KeyFile.Inspect(FilePath).Id);
        KeyFile.WriteUnattended(FilePath, second, new() { Overwrite = true });

        Assert.Equal(second.Id, KeyFile.Inspect(FilePath).Id);
        Assert.Equal([FilePath], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Of_many_that_create_the_same_file_at_once_one_succeeds_and_its_key_stays()
    {
        var keys = Enumerable.Range(0, 16).Select(i => IdentityKey.Generate(new SeededRandomSource((ulong)i))).ToList();
        var winners = new System.Collections.Concurrent.ConcurrentBag<NodeId>();
        Parallel.ForEach(keys, key =>
        {
            try
            {
                KeyFile.WriteUnattended(FilePath, key);
                winners.Add(key.Id);
            }
            catch (KeyFileException e) when (e.Code is KeyFileError.AlreadyExists) { return; }
        });

        Assert.Equal([KeyFile.Inspect(FilePath).Id], winners);
        Assert.Equal([FilePath], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void A_link_to_nowhere_counts_as_an_existing_file()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Creating links takes privileges on Windows.");
        File.CreateSymbolicLink(FilePath, Path.Combine(_folder, "elsewhere"));
        AssertFails(KeyFileError.AlreadyExists, () => KeyFile.WriteUnattended(FilePath, _key));
        Assert.False(File.Exists(Path.Combine(_folder, "elsewhere")));
    }

    [Fact]
    public void What_is_not_a_readable_file_has_its_own_errors()
    {
        AssertFails(KeyFileError.NotFound, () => KeyFile.Inspect(FilePath));
        AssertFails(KeyFileError.Inaccessible, () => KeyFile.WriteUnattended(Path.Combine(_folder, "missing", "node.key"), _key));
        var exception = Assert.Throws<KeyFileException>(() => KeyFile.ReadUnattended(_folder));
        Assert.Equal(KeyFileError.NotRegularFile, exception.Code);
    }

    [Fact]
    public void A_pipe_is_refused_without_waiting_for_a_writer()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only checked on Linux.");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [FilePath])) { mkfifo.WaitForExit(); }
        AssertFails(KeyFileError.NotRegularFile, () => KeyFile.ReadUnattended(FilePath));
    }

    [Fact]
    public void A_huge_file_is_not_read_to_its_end()
    {
        using (var file = File.Create(FilePath)) { file.SetLength(1L << 33); }
        AssertFails(KeyFileError.Foreign, () => KeyFile.Inspect(FilePath));
    }

    [Fact]
    public void Passphrases_that_cannot_be_meant_are_misuse()
    {
        Assert.Throws<ArgumentException>(() => KeyFile.WriteProtected(FilePath, _key, ""));
        Assert.Throws<ArgumentException>(() => KeyFile.WriteProtected(FilePath, _key, new string('a', KeyFile.MaxPassphraseLength + 1)));
        Assert.ThrowsAny<ArgumentException>(() => KeyFile.WriteProtected(FilePath, _key, "\ud800"));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyFileOptions { MemoryKiB = 8 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyFileOptions { Passes = 17 });
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    private static KeyFileOptions Cheap => new() { Passes = 1, MemoryKiB = 19 * 1024 };

    private void AssertFails(KeyFileError code, Action action)
    {
        var exception = Assert.Throws<KeyFileException>(action);
        Assert.Equal(code, exception.Code);
        Assert.Contains(exception.Path, exception.Message, StringComparison.Ordinal);
        Assert.StartsWith(_folder, exception.Path, StringComparison.Ordinal);
    }
}
