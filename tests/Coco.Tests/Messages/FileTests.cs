using System.Security.Cryptography;
using System.Text;
using Coco.Messages;

namespace Coco.Tests.Messages;

public sealed class FileTests
{
    [Fact]
    public async Task A_file_arrives_whole_under_its_name_and_again_under_another()
    {
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync();
        var (path, sum) = scene.MakeFile("photo.jpg", 5_000_000);
        var receiving = TakeAsync(scene, bob, 2);
        var told = new ProgressList();

        await (await ada.Messages.SendFileAsync(bob.Id, path, new() { Progress = told }, scene.Patience)).Completed;
        await (await ada.Messages.SendFileAsync(bob.Id, path, null, scene.Patience)).Completed;

        var files = await receiving;
        Assert.Equal(["photo.jpg", "photo (1).jpg"], files.Select(static file => Path.GetFileName(file.Path)));
        Assert.All(files, file => Assert.Equal((ada.Id, sum, sum), (file.From, Convert.ToHexString(file.Sha256.Span), Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file.Path))))));
        Assert.Equal(new FileProgress("photo.jpg", 5_000_000, 5_000_000), told.Last);
        Assert.Empty(Directory.GetFiles(scene.PathOf("in"), "*.part"));
    }

    [Fact]
    public async Task A_transfer_that_was_cut_off_goes_on_where_it_stopped_also_after_a_restart_of_the_receiver()
    {
        const int Length = 60_000_000;
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync();
        var bobId = bob.Id;
        var (path, sum) = scene.MakeFile("large.bin", Length);
        var receiving = TakeAsync(scene, bob, 1);
        var transfer = await ada.Messages.SendFileAsync(bobId, path, null, scene.Patience);
        while (transfer.Sent < Length / 4) { await Task.Delay(1, scene.Patience); }
        await bob.DisposeAsync();
        await receiving;
        var partial = Assert.Single(Directory.GetFiles(scene.PathOf("in"), "*.part"));
        Assert.InRange(new FileInfo(partial).Length, 1, Length - 1);
        var least = new FileInfo(partial).Length;

        bob = await scene.StartAgainAsync("bob");
        var told = new ProgressList();
        receiving = TakeAsync(scene, bob, 1, new() { Progress = told });
        await transfer.Completed.WaitAsync(scene.Patience);

        Assert.Equal(sum, Convert.ToHexString(Assert.Single(await receiving).Sha256.Span));
        Assert.True(told.First.Done > least, $"It began at {told.First.Done}, and {least} were there.");
    }

    [Fact]
    public async Task What_is_spoiled_on_the_receivers_disk_is_found_and_sent_again()
    {
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync();
        var (path, sum) = scene.MakeFile("data.bin", 1_000_000);
        var id = FileSender.IdOf("data.bin", 1_000_000, File.GetLastWriteTimeUtc(path));
        Directory.CreateDirectory(scene.PathOf("in"));
        await File.WriteAllBytesAsync(Path.Combine(scene.PathOf("in"), $".coco-{Convert.ToHexStringLower(id)}-{ada.Id.ToString()[..8]}.part"), new byte[1000], scene.Patience);
        var receiving = TakeAsync(scene, bob, 1);

        await (await ada.Messages.SendFileAsync(bob.Id, path, null, scene.Patience)).Completed.WaitAsync(scene.Patience);

        Assert.Equal(sum, Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(Assert.Single(await receiving).Path, scene.Patience))));
    }

    [Fact]
    public async Task Files_that_nobody_takes_or_wants_are_refused_with_what_to_do()
    {
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync();
        var (path, _) = scene.MakeFile("data.bin", 1000);

        var transfer = await ada.Messages.SendFileAsync(bob.Id, path, null, scene.Patience);
        Assert.Equal(CocoError.NotOffered, (await Assert.ThrowsAsync<CocoException>(() => transfer.Completed.WaitAsync(scene.Patience))).Code);

        var receiving = TakeAsync(scene, bob, 1, new() { MaxLength = 999 });
        transfer = await ada.Messages.SendFileAsync(bob.Id, path, null, scene.Patience);
        Assert.Equal(CocoError.Denied, (await Assert.ThrowsAsync<CocoException>(() => transfer.Completed.WaitAsync(scene.Patience))).Code);
        await bob.DisposeAsync();
        Assert.Empty(await receiving);
    }

    [Fact]
    public void Names_lead_out_of_no_folder()
    {
        Assert.Equal("a b.txt", SafeFileName.Of("a b.txt"u8));
        Assert.Equal("ä.txt", SafeFileName.Of("ä.txt"u8));
        Assert.Equal("_bashrc", SafeFileName.Of(".bashrc"u8));
        Assert.Equal("a_b", SafeFileName.Of("a:b"u8));
        Assert.Equal("_CON.txt", SafeFileName.Of("CON.txt"u8));
        foreach (var name in new[] { "", ".", "..", "...", "/etc/passwd", "../x", "a/b", "a\\b", "a\nb", "a\0", "  ", new string('x', 201) }) { Assert.Null(SafeFileName.Of(Encoding.UTF8.GetBytes(name))); }
        Assert.Null(SafeFileName.Of([0xff, 0xfe]));
    }

    private static async Task<List<ReceivedFile>> TakeAsync(MessageScene scene, Node node, int count, FileReceiveOptions? options = null)
    {
        var files = new List<ReceivedFile>();
        await foreach (var file in node.Messages.ReceiveFilesAsync(scene.PathOf("in"), options, scene.Patience))
        {
            files.Add(file);
            if (files.Count == count) { break; }
        }
        return files;
    }

    private sealed class ProgressList : IProgress<FileProgress>
    {
        private readonly List<FileProgress> _told = [];

        public FileProgress First => _told[0];

        public FileProgress Last => _told[^1];

        public void Report(FileProgress value) => _told.Add(value);
    }
}
