using Coco.Cluster.Discovery;

namespace Coco.Cluster.Tests.Discovery;

public sealed class DnsMessageTests
{
    private static readonly DnsName Service = DnsName.Of("_coco", "_udp", "local");
    private static readonly DnsName Instance = DnsName.Of("a b.c", "_coco", "_udp", "local");

    [Fact]
    public void A_message_comes_back()
    {
        var message = Sample();
        Assert.True(DnsMessage.TryDecode(message.Encode(), out var read));

        Assert.True(read.IsResponse);
        Assert.Equal(message.Questions, read.Questions);
        Assert.Equal(message.Records.Select(Describe), read.Records.Select(Describe));
    }

    [Fact] // RFC 1035 §4.1.1 to §4.1.4, RFC 6762 §18.12
    public void It_is_laid_out_as_the_RFC_says()
    {
        var message = new DnsMessage(false, [new(Service, DnsType.Ptr)], [new(Service, DnsType.Ptr, false, 258, default, DnsName.Of("x", "_coco", "_udp", "local"))]);

        Assert.Equal(
            "0000" + "0000" + "0001" + "0001" + "0000" + "0000"
            + "055f636f636f" + "045f756470" + "056c6f63616c" + "00" + "000c" + "0001"
            + "c00c" + "000c" + "0001" + "00000102" + "0004" + "0178c00c",
            Convert.ToHexStringLower(message.Encode()));
    }

    [Fact] // RFC 1035 §4.1.4, RFC 9267 §3
    public void Names_that_point_at_themselves_forward_or_in_a_circle_are_refused()
    {
        Assert.False(Question("c00c"));
        Assert.False(Question("c00e00")); // forward
        Assert.False(Question("0161c00c")); // back to its own beginning
        Assert.False(DnsMessage.TryDecode(Convert.FromHexString("000000000002000000000000" + "016100" + "00010001" + "c013" + "00010001"), out _));
        Assert.True(DnsMessage.TryDecode(Convert.FromHexString("000000000002000000000000" + "016100" + "00010001" + "c00c" + "00010001"), out _));
    }

    [Fact] // RFC 1035 §2.3.4
    public void Names_and_labels_are_bounded()
    {
        var label = "3f" + string.Concat(Enumerable.Repeat("61", 63));
        Assert.True(Question(label + label + label + "00"));
        Assert.False(Question(label + label + label + label + "00"));
        Assert.False(Question("40" + label[2..] + "6100"));
        Assert.False(Question("8061")); // the two bits that mean nothing
    }

    [Fact] // RFC 6762 §18.3, §18.11, §17
    public void Other_opcodes_errors_and_oversize_are_ignored()
    {
        var bytes = Sample().Encode();
        bytes[2] |= 0x08;
        Assert.False(DnsMessage.TryDecode(bytes, out _));
        bytes = Sample().Encode();
        bytes[3] |= 3;
        Assert.False(DnsMessage.TryDecode(bytes, out _));
        Assert.False(DnsMessage.TryDecode(new byte[DnsMessage.MaxLength + 1], out _));
    }

    [Fact] // RFC 6762 §16
    public void Names_differ_by_more_than_case() =>
        Assert.Equal((true, false, Service.GetHashCode()), (Service.Equals(DnsName.Of("_COCO", "_Udp", "LOCAL")), Service.Equals(Instance), DnsName.Of("_COCO", "_udp", "local").GetHashCode()));

    [Fact]
    public void Bytes_of_all_kinds_are_read_or_refused_without_an_exception()
    {
        var random = new Random(12);
        var seed = Sample().Encode();
        var count = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 1_000_000 : 20_000;
        for (var i = 0; i < count; i++)
        {
            if (!DnsMessage.TryDecode(Mutation.Of(seed, random), out var message)) { continue; }
            Assert.True(message.Questions.Count <= DnsMessage.MaxQuestions && message.Records.Count <= DnsMessage.MaxRecords);
            Assert.True(DnsMessage.TryDecode(message.Encode(), out _));
        }
    }

    private static bool Question(string name) =>
        DnsMessage.TryDecode(Convert.FromHexString("000000000001000000000000" + name + "000c0001"), out _);

    private static string Describe(DnsRecord record) =>
        $"{record.Name} {record.Type} {record.IsUnique} {record.Ttl} {Convert.ToHexString(record.Data.Span)} {record.Target}";

    private static DnsMessage Sample() => new(
        IsResponse: true,
        [new(Service, DnsType.Ptr)],
        [
            new(Service, DnsType.Ptr, IsUnique: false, 4500, default, Instance),
            new(Instance, DnsType.Srv, IsUnique: true, 120, new byte[] { 0, 0, 0, 0, 0x13, 0x88 }, DnsName.Of("host", "local")),
            new(Instance, DnsType.Txt, IsUnique: true, 120, new byte[] { 3, (byte)'v', (byte)'=', (byte)'1' }),
        ]);
}
