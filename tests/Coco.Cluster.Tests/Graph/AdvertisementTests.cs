using System.Buffers.Binary;
using Coco.Cluster.Graph;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Graph;

public sealed class AdvertisementTests
{
    private static readonly IdentityKey Key = IdentityKey.Generate(new SeededRandomSource(1));
    private static readonly IdentitySeal Seal = new(new NetworkId(IdentityKey.Generate(new SeededRandomSource(2)).Id), Key);
    private static readonly ScopeId Chat = ScopeId.Of(new("chat"));

    private static AdvertisedLink[] Links(params ulong[] tags) => [.. tags.Select(tag => new AdvertisedLink(new(tag), 20, LinkFlags.Held))];

    private static Advertisement Sample(params ulong[] tags) =>
        Advertisement.Sign(Seal, Key.Id, Chat, 7, AdvertisementFlags.Forwards | AdvertisementFlags.ClassLow, 3600, Links(tags));

    private static Advertisement? Read(ReadOnlySpan<byte> bytes, IAdvertisementSeal? seal = null) =>
        Advertisement.TryReadHeader(bytes, out var header) ? Advertisement.Verified(bytes, header, seal ?? Seal) : null;

    [Fact]
    public void What_a_node_says_is_read_back()
    {
        var read = Read(Sample(1, 5, 9).Encoded)!;

        Assert.Equal((Key.Id, Chat, 7UL, 3600u), (read.Node, read.Scope, read.Sequence, read.LifetimeSeconds));
        Assert.Equal(NodeClass.Stationary, read.Class);
        Assert.True(read.Has(AdvertisementFlags.Forwards));
        Assert.Equal(Links(1, 5, 9), Enumerable.Range(0, read.LinkCount).Select(read.LinkAt));
        Assert.True(read.TryFindLink(new(5), out var link));
        Assert.Equal(20, link.Cost);
        Assert.False(read.TryFindLink(new(6), out _));
    }

    [Fact]
    public void Six_links_take_under_200_bytes() => Assert.InRange(Sample(1, 2, 3, 4, 5, 6).Encoded.Length, 100, 199);

    [Fact]
    public void The_full_64_links_fit()
    {
        var full = Sample([.. Enumerable.Range(1, 64).Select(i => (ulong)i)]);

        Assert.Equal(64, Read(full.Encoded)!.LinkCount);
        Assert.Throws<ArgumentOutOfRangeException>(() => Sample([.. Enumerable.Range(1, 65).Select(i => (ulong)i)]));
    }

    [Fact]
    public void Any_flipped_bit_is_refused()
    {
        var bytes = Sample(1, 2).Encoded.ToArray();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(Read(bytes));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        Assert.NotNull(Read(bytes));
    }

    [Fact]
    public void Another_network_refuses_it()
    {
        var elsewhere = new IdentitySeal(new NetworkId(IdentityKey.Generate(new SeededRandomSource(3)).Id), Key);

        Assert.Null(Read(Sample(1).Encoded, elsewhere));
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(4, 3)]
    public void Links_that_are_not_ascending_are_refused(ulong first, ulong second) =>
        Assert.Throws<ArgumentException>(() => Sample(first, second));

    [Fact]
    public void A_link_to_oneself_is_refused() => Assert.Throws<ArgumentException>(() => Sample(NodeTag.Of(Key.Id).Value));

    [Fact]
    public void Bytes_of_a_later_version_are_kept_and_ignored()
    {
        var known = Sample(1).Encoded[..^64];
        var later = new byte[known.Length + 5 + 64];
        known.CopyTo(later);
        Seal.Sign(later.AsSpan(0, known.Length + 5), later.AsSpan(known.Length + 5));

        var read = Read(later)!;

        Assert.Equal(1, read.LinkCount);
        Assert.Equal(later, read.Encoded);
    }

    [Fact]
    public void Of_two_with_one_sequence_number_the_same_wins_everywhere()
    {
        var (one, other) = (Sample(1), Sample(2));

        Assert.NotEqual(one.IsNewerThan(other.Sequence, other.Hash.Check), other.IsNewerThan(one.Sequence, one.Hash.Check));
    }

    [Fact]
    public void A_signature_is_verified_once_for_all_who_share_a_pool()
    {
        var pool = new AdvertisementPool();
        var bytes = Sample(1).Encoded;
        Assert.True(Advertisement.TryReadHeader(bytes, out var header));

        var first = pool.Get(bytes, header, Seal);

        Assert.Same(first, pool.Get(bytes, header, Seal));
        Assert.Equal((1, 1), (pool.Verified, pool.Shared));
    }

    [Fact]
    public void Random_and_damaged_bytes_never_throw_and_are_never_believed()
    {
        var count = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 1_000_000 : 20_000;
        var genuine = Sample(1, 2, 3, 4).Encoded.ToArray();
        var random = new SeededRandomSource(4);
        Span<byte> dice = stackalloc byte[8];
        for (var i = 0; i < count; i++)
        {
            random.Fill(dice);
            var bytes = new byte[BinaryPrimitives.ReadUInt16LittleEndian(dice) % (Advertisement.MaxLength + 8)];
            if (dice[2] < 64) { random.Fill(bytes); } else { genuine.AsSpan(0, Math.Min(bytes.Length, genuine.Length)).CopyTo(bytes); }
            if (bytes.Length > 0) { bytes[BinaryPrimitives.ReadUInt16LittleEndian(dice[3..]) % bytes.Length] ^= (byte)(dice[5] | 1); }

            if (!Advertisement.TryReadHeader(bytes, out var header)) { continue; }
            Assert.InRange(header.LinkCount, 0, Advertisement.MaxLinks);
            Assert.InRange(header.LinksAt + (header.LinkCount * AdvertisedLink.Size) + 64, 64, bytes.Length);
            if (i % 16 == 0) { Assert.Null(Advertisement.Verified(bytes, header, Seal)); }
        }
    }
}
