using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Statements;

public sealed class StatementCodecTests
{
    private static readonly int Inputs = Samples.All ? 1_000_000 : 20_000;

    public static TheoryData<int> Types => [.. Enumerable.Range(0, Samples.Bodies().Length)];

    [Theory]
    [MemberData(nameof(Types))]
    public void A_statement_says_what_its_issuer_signed(int index)
    {
        var body = Samples.Bodies()[index];
        var signed = Samples.Sign(body, 1, 3, new ChainHead(Samples.Key(2).Id, 70_000, Samples.Id(3)));

        var read = Statement.Read(signed.Encoded.Span, Samples.Network, out var refusal);

        Assert.Equal(Refusal.None, refusal);
        Assert.Equal((signed.Id, signed.Issuer, 3ul, Samples.Id(1), Samples.Id(2), 1_800_000_000ul), (read!.Id, read.Issuer, read.Sequence, read.Previous, read.Authority, read.Time));
        Assert.Equal(signed.After, read.After);
        Assert.Equal(body.GetType(), read.Body.GetType());
        Assert.Equal(body.Type, read.Body.Type);
        Assert.Equal(body.Encode(), read.Body.Encode());
    }

    [Fact]
    public void It_is_laid_out_as_documented()
    {
        using var key = IdentityKey.FromSeed(Enumerable.Repeat((byte)0x5E, 32).ToArray());
        const string Key = "8146640f02493af4fbc54fe33388e75dc2c937ae0b7727cc2b2afb1b75199a3e";
        var id = StatementId.Read(Enumerable.Repeat((byte)0xAB, 32).ToArray());
        var ab = string.Concat(Enumerable.Repeat("ab", 32));
        var encoded = Statement.Sign(key, new(key.Id), 2, id, id, [new(key.Id, 64, id)], 3, new StatementBody.Rename(key.Id, "x")).Encoded.Span;

        var body = "01" + Key + Key + "02" + ab + ab + "01" + Key + "4040" + ab + "0000000000000003" + "07" + "22" + Key + "0178";
        Assert.Equal(body, Convert.ToHexStringLower(encoded[..^64]));
        Assert.True(key.Id.Verify([.. "coco statement v1"u8, .. Convert.FromHexString(body)], encoded[^64..]));
    }

    [Fact]
    public void No_bit_of_a_statement_can_be_changed()
    {
        foreach (var body in Samples.Bodies())
        {
            var bytes = Samples.Sign(body).Encoded.ToArray();
            for (var bit = 0; bit < 8 * bytes.Length; bit++)
            {
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.Null(Statement.Read(bytes, Samples.Network, out _));
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            }
            Assert.NotNull(Statement.Read(bytes, Samples.Network, out _));
        }
    }

    [Fact]
    public void A_statement_cut_short_or_lengthened_is_refused()
    {
        foreach (var body in Samples.Bodies())
        {
            var bytes = Samples.Sign(body).Encoded.ToArray();
            for (var length = 0; length < bytes.Length; length++)
            {
                Assert.Null(Statement.Read(bytes.AsSpan(0, length), Samples.Network, out var refusal));
                Assert.True(refusal is Refusal.Malformed or Refusal.BadSignature, $"{refusal} at {length}");
            }
            Assert.Null(Statement.Read([.. bytes, 0], Samples.Network, out _));
        }
    }

    [Fact]
    public void A_refusal_says_why()
    {
        var bytes = Samples.Sign(Samples.Bodies()[0]).Encoded.ToArray();
        Assert.Null(Statement.Read(bytes, new(Samples.Key(9).Id), out var refusal));
        Assert.Equal(Refusal.OtherNetwork, refusal);
        Assert.Null(Statement.Read(new byte[Statement.MaxLength + 1], Samples.Network, out refusal));
        Assert.Equal(Refusal.TooLong, refusal);
        Assert.Null(Statement.Read([2, .. bytes[1..]], Samples.Network, out refusal));
        Assert.Equal(Refusal.UnknownVersion, refusal);
        Samples.Key(1).Sign(bytes.AsSpan(..^64), bytes.AsSpan(^64..)); // signed, but not as a statement
        Assert.Null(Statement.Read(bytes, Samples.Network, out refusal));
        Assert.Equal(Refusal.BadSignature, refusal);
    }

    [Fact]
    public void What_a_later_version_adds_to_a_body_is_ignored_and_kept()
    {
        foreach (var body in Samples.Bodies()[..^1])
        {
            var longer = new StatementBody.Unknown(body.Type, (byte[])[.. body.Encode(), 1, 2, 3]);
            var read = Statement.Read(Samples.Sign(longer).Encoded.Span, Samples.Network, out _);
            Assert.Equal(body.GetType(), read!.Body.GetType());
            Assert.Equal(body.Encode(), read.Body.Encode());
        }
    }

    [Fact]
    public void The_longest_statement_fits_and_a_longer_one_is_not_made()
    {
        var keep = Keep.Only(Enumerable.Range(0, Keep.MaxListed).Select(Samples.Id));
        var after = Enumerable.Range(0, 16).Select(i => new ChainHead(Samples.Key(i).Id, 1 << 20, Samples.Id(i))).ToArray();
        var transfer = new StatementBody.Transfer(Samples.User(3), new byte[64], Samples.Key(2).Id, Retirement.Sign(Samples.Key(2), Samples.Id(5), Samples.Network, Samples.Key(1).Id, Samples.Id(1)), keep);

        Assert.InRange(Samples.Sign(transfer, 1, 3, after).Encoded.Length, 13_000, Statement.MaxLength);
        Assert.Throws<ArgumentOutOfRangeException>(() => Keep.Only(Enumerable.Range(0, Keep.MaxListed + 1).Select(Samples.Id)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Samples.Sign(transfer, 1, 3, [.. after, after[0]]));
        Assert.Throws<ArgumentException>(() => Samples.Sign(new StatementBody.SetPolicy(new byte[StatementBody.MaxContent + 1])));
        Assert.Throws<ArgumentException>(() => Samples.Sign(new StatementBody.Rename(Samples.Key(1).Id, new string('ä', 33))));
    }

    [Fact]
    public void A_body_that_breaks_its_limits_is_kept_as_unknown()
    {
        byte[] key = new byte[32];
        Samples.Key(3).Id.CopyTo(key);
        (StatementType Type, byte[] Bytes)[] wrong =
        [
            (StatementType.GrantRole, [.. key, 3, 0]), // the role of an owner cannot be granted
            (StatementType.GrantRole, [.. key, 1, 17, .. new byte[17 * 32]]),
            (StatementType.Rename, [.. key, 2, 0xC3, 0x28]), // no UTF-8
            (StatementType.Rename, [.. key, 0x40, 65, .. new byte[65]]),
            (StatementType.MoveNode, [.. key, 1, (byte)'A']),
            (StatementType.Delegate, [.. key, 3, 0, .. new byte[8]]), // a scope of a later version
            (StatementType.Revoke, [5, .. key, 0, 0]),
            (StatementType.Revoke, [1, .. key, 0, 2, 2, .. key, .. key]), // not ascending
            (StatementType.SetControlPlanes, [17]),
            (StatementType.SnapshotPart, [.. key, 1, 1, 0]),
            (StatementType.CreateNetwork, [.. key, 1, .. key, 0, 0, 0]), // one key, two powers
        ];
        foreach (var (type, bytes) in wrong) { Assert.IsType<StatementBody.Unknown>(StatementBody.Read(type, bytes)); }
    }

    [Fact]
    public void No_bytes_make_the_reader_throw()
    {
        var random = new Random(11);
        var seeds = Samples.Bodies().Select(body => Samples.Sign(body, 1, 3, new ChainHead(Samples.Key(2).Id, 5, Samples.Id(3))).Encoded.ToArray()).ToArray();
        for (var i = 0; i < Inputs; i++)
        {
            var seed = seeds[random.Next(seeds.Length)];
            var bytes = (byte[])seed.Clone();
            for (var flips = random.Next(1, 5); flips > 0; flips--) { bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256); }
            Assert.Null(Statement.Read(bytes.AsSpan(0, random.Next(2) == 0 ? bytes.Length : random.Next(bytes.Length)), Samples.Network, out var refusal) is { } read && !read.Encoded.Span.SequenceEqual(seed) ? read : null);
            Assert.InRange(refusal, Refusal.None, Refusal.BadSignature);
        }
    }

    [Fact] // as an issuer that means ill would make them: the signature is right
    public void No_signed_body_makes_the_reader_throw_and_what_is_read_is_written_alike()
    {
        var random = new Random(12);
        var seeds = Samples.Bodies();
        for (var i = 0; i < Inputs; i++)
        {
            var type = (StatementType)random.Next(16);
            var bytes = seeds[random.Next(4) == 0 ? random.Next(seeds.Length) : (int)type].Encode();
            for (var flips = random.Next(0, 5); flips > 0 && bytes.Length > 0; flips--) { bytes[random.Next(bytes.Length)] = (byte)random.Next(256); }
            var body = StatementBody.Read(type, bytes.AsSpan(0, random.Next(3) == 0 ? random.Next(bytes.Length + 1) : bytes.Length));
            Assert.Equal(body.Encode(), StatementBody.Read(type, body.Encode()).Encode());
        }
    }
}
