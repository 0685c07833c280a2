using System.Text;
using Coco.Storage.Records;

namespace Coco.Storage.Tests;

public sealed class RecordLogTests : IDisposable
{
    private const int NoSpace = 28; // ENOSPC

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coco-log-");
    private readonly byte[] _key = [.. Enumerable.Range(0, 32).Select(static i => (byte)i)];
    private readonly RecordLogOptions _small = new() { SegmentSize = 1000, MaxRecordSize = 100_000 };

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task What_was_appended_is_read_again_in_order()
    {
        var log = Open(out var found);
        Assert.Empty(found);
        Task last = Task.CompletedTask;
        for (var i = 0; i < 1000; i++) { Append(log, $"record {i}", out last); }
        await last;
        Assert.Equal("record 0", Encoding.UTF8.GetString(log.TryRead(1)!));
        Assert.Equal("record 999", Encoding.UTF8.GetString(log.TryRead(1000)!));
        await log.DisposeAsync();

        log = Open(out found);
        Assert.Equal(Enumerable.Range(0, 1000).Select(static i => $"record {i}"), found);
        Assert.Equal("record 500", Encoding.UTF8.GetString(log.TryRead(501)!));
        await log.DisposeAsync();
    }

    [Fact]
    public async Task Segments_that_nobody_needs_go_and_a_checkpoint_stands_for_them()
    {
        var log = Open(out _, _small);
        log.Checkpoint = () => log.Append("checkpoint"u8, default, isNeeded: false, isUrgent: false, out _);
        var numbers = new List<long>();
        for (var i = 0; i < 100; i++)
        {
            numbers.Add(Append(log, new string('x', 90) + i, out var done, isNeeded: true));
            await done;
        }
        var before = _folder.GetFiles().Length;
        foreach (var number in numbers[..99]) { log.Release(number, 92); }
        Append(log, "last", out var written);
        await written;
        await log.DisposeAsync();

        Assert.InRange(before, 8, 15);
        Assert.InRange(_folder.GetFiles().Length, 1, 2);
        await using var again = Open(out var found);
        Assert.Equal("checkpoint", found[0]);
        Assert.Equal([new string('x', 90) + 99, "last"], found.TakeLast(2));
    }

    [Fact]
    public async Task A_write_that_was_cut_off_at_any_byte_loses_nothing_before_it()
    {
        var log = Open(out _);
        for (var i = 0; i < 5; i++)
        {
            Append(log, $"record {i}", out var done);
            await done;
        }
        await log.DisposeAsync();
        var file = _folder.GetFiles().Single().FullName;
        var whole = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        var seen = new HashSet<int>();
        for (var length = 0; length <= whole.Length; length++)
        {
            await File.WriteAllBytesAsync(file, whole[..length], TestContext.Current.CancellationToken);
            await using (Open(out var found))
            {
                Assert.Equal(Enumerable.Range(0, found.Count).Select(static i => $"record {i}"), found);
                seen.Add(found.Count);
                Assert.True(found.Count == 5 || length < whole.Length);
            }
        }
        Assert.Equal(6, seen.Count);
    }

    [Fact]
    public async Task A_flipped_bit_is_damage_and_the_file_stays_as_it_is()
    {
        var log = Open(out _);
        for (var i = 0; i < 3; i++)
        {
            Append(log, $"record {i}", out var done);
            await done;
        }
        await log.DisposeAsync();
        var file = _folder.GetFiles().Single().FullName;
        var whole = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        var last = whole.Length - (whole.Length - RecordBlock.SegmentHeaderSize) / 3; // damage to the last block cannot be told from a write that was cut off
        for (var at = 0; at < last; at++)
        {
            var damaged = whole.ToArray();
            damaged[at] ^= 1;
            await File.WriteAllBytesAsync(file, damaged, TestContext.Current.CancellationToken);
            var failure = Assert.Throws<StoreException>(() => Open(out _));
            Assert.True(failure.Code is StoreError.Corrupt or StoreError.Foreign);
            Assert.Equal(damaged, await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Another_key_opens_nothing()
    {
        var log = Open(out _);
        Append(log, "one", out _);
        Append(log, "two", out var done);
        await done;
        await log.DisposeAsync();
        var bytes = await File.ReadAllBytesAsync(_folder.GetFiles().Single().FullName, TestContext.Current.CancellationToken);
        Assert.Equal(-1, bytes.AsSpan().IndexOf("one"u8));
    }

    [Fact]
    public async Task A_full_disk_fails_what_waits_and_keeps_what_was_acknowledged()
    {
        var room = 400;
        var log = Open(out _, _small with { BeforeWrite = bytes => room = bytes <= room ? room - bytes : throw new IOException("No space left on device", NoSpace) });
        var kept = new List<string>();
        var failures = 0;
        for (var i = 0; i < 20; i++)
        {
            Append(log, $"record {i}", out var done, isNeeded: true);
            try
            {
                await done;
                kept.Add($"record {i}");
            }
            catch (StoreException exception)
            {
                Assert.Equal(StoreError.Full, exception.Code);
                failures++;
            }
            if (i == 15) { room = 10_000; }
        }
        await log.DisposeAsync();

        Assert.True(failures > 0 && kept[^1] == "record 19");
        await using var again = Open(out var found);
        Assert.Equal(kept, found);
    }

    private RecordLog Open(out List<string> found, RecordLogOptions? options = null)
    {
        var list = found = [];
        return RecordLog.Open(_folder.FullName, _key, options ?? new(), (_, record) => list.Add(Encoding.UTF8.GetString(record)));
    }

    private static long Append(RecordLog log, string text, out Task done, bool isNeeded = false) =>
        log.Append(Encoding.UTF8.GetBytes(text), default, isNeeded, isUrgent: true, out done);
}
