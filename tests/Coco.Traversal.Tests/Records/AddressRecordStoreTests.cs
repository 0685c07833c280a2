using Coco.Traversal.Records;
using Coco.Traversal.Tests.Relays;

namespace Coco.Traversal.Tests.Records;

public sealed class AddressRecordStoreTests
{
    [Fact]
    public void The_newest_record_is_kept()
    {
        var store = new AddressRecordStore(10, 1 << 20);
        Assert.True(store.TryAdd(RelaySamples.Record(1, 5)));
        Assert.True(store.TryAdd(RelaySamples.Record(1, 6)));
        Assert.True(store.TryAdd(RelaySamples.Record(1, 6))); // the same is no older one
        Assert.False(store.TryAdd(RelaySamples.Record(1, 5)));
        Assert.False(store.TryAdd(RelaySamples.Record(1, 6, expiry: 1))); // two records under one number: the first stays

        Assert.Equal(6ul, store.Find(RelaySamples.Id(1))!.Sequence);
        Assert.Equal((1, (long)RelaySamples.Record(1, 6).Encoded.Length), (store.Count, store.Bytes));
    }

    [Theory]
    [InlineData(0ul, false)] // a clock that starts in 1970
    [InlineData(1_999_999_999ul, false)]
    [InlineData(2_000_000_000ul, true)]
    [InlineData(2_300_000_000ul, true)] // ten years ahead
    public void Whatever_a_clock_says_the_record_is_found_and_only_marked(ulong unixSeconds, bool isExpired)
    {
        var store = new AddressRecordStore(10, 1 << 20);
        store.TryAdd(RelaySamples.Record(1, 5, expiry: 2_000_000_000));

        Assert.Equal(isExpired, store.Find(RelaySamples.Id(1))!.IsExpired(unixSeconds));
    }

    [Fact]
    public void The_least_recently_used_make_room_within_records_and_bytes()
    {
        var one = RelaySamples.Record(1, 1).Encoded.Length;
        foreach (var store in new[] { new AddressRecordStore(3, 1 << 20), new AddressRecordStore(100, 3 * one) })
        {
            for (ulong node = 1; node <= 3; node++) { store.TryAdd(RelaySamples.Record(node, 1)); }
            Assert.NotNull(store.Find(RelaySamples.Id(1)));
            store.TryAdd(RelaySamples.Record(4, 1));

            Assert.Null(store.Find(RelaySamples.Id(2)));
            Assert.NotNull(store.Find(RelaySamples.Id(1)));
            Assert.Equal((3, 3L * one), (store.Count, store.Bytes));
        }
        Assert.False(new AddressRecordStore(1, one - 1).TryAdd(RelaySamples.Record(1, 1)));
    }
}
