using Coco.Quic.Streams;

namespace Coco.Quic.Tests.Streams;

public sealed class StreamPoolTests
{
    [Fact]
    public void Blocks_are_handed_out_again_while_any_is_in_use()
    {
        var pool = new StreamPool();
        var held = pool.RentBlock();
        byte[][] burst = [.. Enumerable.Range(0, StreamPool.IdleBlocks * 2).Select(_ => pool.RentBlock())];
        foreach (var block in burst) { pool.ReturnBlock(block); }

        var again = Enumerable.Range(0, burst.Length).Select(_ => pool.RentBlock());
        Assert.Equal(burst.ToHashSet(), again.ToHashSet());
        pool.ReturnBlock(held);
    }

    [Fact]
    public void A_burst_that_ended_is_given_back_but_for_two_mebibytes()
    {
        var pool = new StreamPool();
        byte[][] burst = [.. Enumerable.Range(0, StreamPool.IdleBlocks * 2).Select(_ => pool.RentBlock())];
        pool.Trim(); // the burst is in use: what it needs stays
        foreach (var block in burst) { pool.ReturnBlock(block); }
        Assert.True(pool.IsLarge);
        pool.Trim(); // it was in use since the last call
        Assert.True(pool.IsLarge);
        pool.Trim();
        Assert.False(pool.IsLarge);

        var again = Enumerable.Range(0, burst.Length).Select(_ => pool.RentBlock());
        Assert.Equal(StreamPool.IdleBlocks, again.Count(block => burst.Contains(block)));
    }
}
