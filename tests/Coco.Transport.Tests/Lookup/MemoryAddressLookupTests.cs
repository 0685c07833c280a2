using Coco.Crypto;
using Coco.Traversal.Records;
using Coco.Transport.Lookup;

namespace Coco.Transport.Tests.Lookup;

public sealed class MemoryAddressLookupTests
{
    [Fact]
    public async Task The_newest_record_of_a_node_is_found_even_when_it_has_expired()
    {
        using var key = IdentityKey.Generate(new SeededRandomSource(1));
        var lookup = new MemoryAddressLookup();
        Assert.Null(await lookup.FindAsync(key.Id, TestContext.Current.CancellationToken));

        foreach (var sequence in new ulong[] { 5, 7, 6 })
        {
            await lookup.PublishAsync(AddressRecord.Sign(key, sequence, expiry: 1, [], []), TestContext.Current.CancellationToken);
        }
        Assert.Equal(7ul, (await lookup.FindAsync(key.Id, TestContext.Current.CancellationToken))!.Sequence);
    }

    [Fact]
    public async Task It_keeps_no_more_than_it_was_told()
    {
        var lookup = new MemoryAddressLookup(maxRecords: 2);
        var ids = new List<NodeId>();
        for (ulong seed = 0; seed < 5; seed++)
        {
            using var key = IdentityKey.Generate(new SeededRandomSource(seed));
            ids.Add(key.Id);
            await lookup.PublishAsync(AddressRecord.Sign(key, 1, 1, [], []), TestContext.Current.CancellationToken);
        }
        var found = 0;
        foreach (var id in ids) { found += await lookup.FindAsync(id, TestContext.Current.CancellationToken) is null ? 0 : 1; }
        Assert.Equal(2, found);
        Assert.Throws<ArgumentOutOfRangeException>(() => new MemoryAddressLookup(0));
    }

    [Fact]
    public async Task A_cancelled_call_is_cancelled()
    {
        using var key = IdentityKey.Generate(new SeededRandomSource(1));
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await new MemoryAddressLookup().FindAsync(key.Id, cancelled));
        await Assert.ThrowsAsync<OperationCanceledException>(
            async () => await new MemoryAddressLookup().PublishAsync(AddressRecord.Sign(key, 1, 1, [], []), cancelled));
    }
}
