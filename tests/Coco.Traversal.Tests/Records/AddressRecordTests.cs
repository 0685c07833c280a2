using Coco.Crypto;
using Coco.Traversal.Records;
using Coco.Traversal.Relays;
using Coco.Traversal.Tests.Relays;

namespace Coco.Traversal.Tests.Records;

public sealed class AddressRecordTests
{
    private static readonly NetworkAddress SomeAddress = RelaySamples.Address("192.0.2.1:4000");

    [Fact]
    public void A_record_says_what_its_node_signed()
    {
        var record = RelaySamples.Record(1, sequence: 7, expiry: 1_800_000_000);

        Assert.True(AddressRecord.TryRead(record.Encoded.Span, out var read));
        Assert.Equal((RelaySamples.Id(1), 7ul, 1_800_000_000ul), (read!.Id, read.Sequence, read.Expiry));
        Assert.Equal(record.Addresses, read.Addresses);
        var relay = Assert.Single(read.Relays);
        Assert.Equal((RelaySamples.Id(9_000), "wss://relay.example/coco"), (relay.Id, relay.Url));
        Assert.Equal(record.Relays[0].Addresses, relay.Addresses);
    }

    [Fact]
    public void It_is_laid_out_as_documented()
    {
        using var key = IdentityKey.FromSeed(Enumerable.Repeat((byte)0x5E, 32).ToArray());
        var relay = new RelayInfo(key.Id, [SomeAddress], "wss://r.lab");
        var encoded = AddressRecord.Sign(key, 1, 2, [relay], [SomeAddress]).Encoded.Span;

        const string Id = "8146640f02493af4fbc54fe33388e75dc2c937ae0b7727cc2b2afb1b75199a3e";
        const string Body = Id + "0000000000000001" + "0000000000000002"
            + "01" + Id + "01" + "04c00002010fa0" + "0b" + "7773733a2f2f722e6c6162" + "01" + "04c00002010fa0";
        Assert.Equal(Body, Convert.ToHexStringLower(encoded[..^64]));
        Assert.True(key.Id.Verify([.. "coco address record v1"u8, .. Convert.FromHexString(Body)], encoded[^64..]));
    }

    [Fact]
    public void No_bit_of_a_record_can_be_changed()
    {
        var encoded = RelaySamples.Record(1, 7).Encoded.ToArray();
        for (var bit = 0; bit < 8 * encoded.Length; bit++)
        {
            encoded[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(AddressRecord.TryRead(encoded, out _), $"bit {bit}");
            encoded[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        Assert.True(AddressRecord.TryRead(encoded, out _));
    }

    [Fact]
    public void A_signature_for_another_purpose_does_not_make_a_record()
    {
        using var key = RelaySamples.Key(1);
        var encoded = RelaySamples.Record(1, 7).Encoded.ToArray();
        key.Sign(encoded.AsSpan(..^64), encoded.AsSpan(^64..));
        Assert.False(AddressRecord.TryRead(encoded, out _));
    }

    [Fact]
    public void The_largest_record_fits_and_one_more_of_anything_is_refused()
    {
        using var key = RelaySamples.Key(1);
        var address = RelaySamples.Address("[2001:db8::1]:65535");
        var relay = new RelayInfo(RelaySamples.Id(2), [.. Enumerable.Repeat(address, 4)], "wss://" + new string('a', RelayInfo.MaxUrlLength - 6));
        RelayInfo[] relays = [.. Enumerable.Repeat(relay, 4)];
        NetworkAddress[] addresses = [.. Enumerable.Repeat(address, 32)];

        var record = AddressRecord.Sign(key, ulong.MaxValue, ulong.MaxValue, relays, addresses);
        Assert.Equal(1674, record.Encoded.Length);
        Assert.True(AddressRecord.TryRead(record.Encoded.Span, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => AddressRecord.Sign(key, 1, 1, [.. relays, relay], []));
        Assert.Throws<ArgumentOutOfRangeException>(() => AddressRecord.Sign(key, 1, 1, [], [.. addresses, address]));
        Assert.Throws<ArgumentException>(() => new RelayInfo(RelaySamples.Id(2), [.. Enumerable.Repeat(address, 5)]));
        Assert.Throws<ArgumentException>(() => new RelayInfo(RelaySamples.Id(2), [], "wss://" + new string('a', RelayInfo.MaxUrlLength)));
    }

    [Theory]
    [InlineData("https://relay.example")]
    [InlineData("wss://")]
    [InlineData("wss://relay.example/ä")]
    [InlineData("wss://relay example")]
    public void What_is_no_URL_of_a_WebSocket_is_refused(string url) =>
        Assert.Throws<ArgumentException>(() => new RelayInfo(RelaySamples.Id(2), [], url));

    [Theory]
    [InlineData("224.0.0.1:1")]
    [InlineData("192.0.2.1:0")]
    [InlineData("255.255.255.255:1")]
    public void A_record_names_nothing_to_which_no_packet_can_be_sent(string text)
    {
        using var key = RelaySamples.Key(1);
        Assert.Throws<ArgumentException>(() => AddressRecord.Sign(key, 1, 1, [], [RelaySamples.Address(text)]));

        // Signed by somebody who does not mind.
        byte[] body = [.. Bytes(key.Id), .. new byte[16], 0, 1, .. Wire(RelaySamples.Address(text))];
        Assert.False(AddressRecord.TryRead(Signed(key, body), out _));
        body = [.. Bytes(key.Id), .. new byte[16], 0, 1, .. Wire(SomeAddress)];
        Assert.True(AddressRecord.TryRead(Signed(key, body), out _));
    }

    [Fact]
    public void What_a_later_version_adds_is_ignored_up_to_2048_bytes()
    {
        using var key = RelaySamples.Key(1);
        byte[] body = [.. Bytes(key.Id), .. new byte[16], 0, 1, .. Wire(SomeAddress)];

        Assert.True(AddressRecord.TryRead(Signed(key, [.. body, .. new byte[2048 - 64 - body.Length]]), out var record));
        Assert.Equal([SomeAddress], record!.Addresses);
        Assert.False(AddressRecord.TryRead(Signed(key, [.. body, .. new byte[2049 - 64 - body.Length]]), out _));
    }

    [Fact]
    public void The_newest_sequence_number_of_the_same_node_wins()
    {
        Assert.True(RelaySamples.Record(1, 2).IsNewerThan(RelaySamples.Record(1, 1)));
        Assert.True(RelaySamples.Record(1, 0).IsNewerThan(null));
        Assert.False(RelaySamples.Record(1, 1).IsNewerThan(RelaySamples.Record(1, 1)));
        Assert.False(RelaySamples.Record(1, 1).IsNewerThan(RelaySamples.Record(1, 2)));
        Assert.False(RelaySamples.Record(2, 2).IsNewerThan(RelaySamples.Record(1, 1)));
    }

    [Fact]
    public void No_bytes_make_the_reader_throw()
    {
        var random = new Random(5);
        var seed = RelaySamples.Record(1, 7).Encoded.ToArray();
        for (var i = 0; i < RelaySamples.FuzzInputs; i++)
        {
            var bytes = (byte[])seed.Clone();
            for (var flips = random.Next(1, 5); flips > 0; flips--) { bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256); }
            Assert.False(AddressRecord.TryRead(bytes.AsSpan(0, random.Next(2) == 0 ? bytes.Length : random.Next(bytes.Length)), out _) && !bytes.SequenceEqual(seed));
        }
    }

    private static byte[] Bytes(NodeId id)
    {
        var bytes = new byte[NodeId.Size];
        id.CopyTo(bytes);
        return bytes;
    }

    private static byte[] Wire(NetworkAddress address)
    {
        var bytes = new byte[address.WireLength];
        address.Write(bytes);
        return bytes;
    }

    private static byte[] Signed(IdentityKey key, byte[] body)
    {
        var signature = new byte[64];
        key.Sign([.. "coco address record v1"u8, .. body], signature);
        return [.. body, .. signature];
    }
}
