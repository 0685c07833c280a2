using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Coco.Traversal.Stun;

namespace Coco.Traversal.Tests.Stun;

public sealed class StunMessageTests
{
    public static TheoryData<string> Vectors => ["request", "IPv4", "IPv6"];

    [Fact]
    public void The_sample_request_is_read()
    {
        Assert.True(StunMessage.TryParse(Rfc5769.Request, out var message));

        Assert.Equal((StunClass.Request, StunMessage.BindingMethod, true), (message.Class, message.Method, message.HasMagicCookie));
        Assert.Equal(new TransactionId(0xb7e7a701, 0xbc34d686fa87dfae), message.TransactionId);
        Assert.True(message.TryFind(StunAttributeType.Username, out var name));
        Assert.Equal("evtj:h6vY", Encoding.UTF8.GetString(name));
    }

    [Theory, InlineData("IPv4", "192.0.2.1:32853"), InlineData("IPv6", "[2001:db8:1234:5678:11:2233:4455:6677]:32853")]
    public void The_sample_answers_hold_the_mapped_address(string vector, string expected)
    {
        Assert.True(StunMessage.TryParse(Vector(vector), out var message));

        Assert.True(message.TryFind(StunAttributeType.XorMappedAddress, out var value));
        Assert.True(StunAddress.TryRead(value, message.CookieAndId, out var address));
        Assert.Equal((StunClass.Success, expected), (message.Class, address.ToString()));
    }

    [Theory, MemberData(nameof(Vectors))]
    public void The_fingerprints_of_the_samples_are_right_and_of_damaged_ones_wrong(string vector)
    {
        var bytes = (byte[])Vector(vector).Clone();
        Assert.True(Parse(bytes).HasFingerprint(out var isRight));
        Assert.True(isRight);

        bytes[30] ^= 1;

        Assert.True(Parse(bytes).HasFingerprint(out isRight));
        Assert.False(isRight);
    }

    // We ask for and give no credentials; that the attribute is found where it is shows that offsets and lengths are read right.
    [Theory, MemberData(nameof(Vectors))]
    public void The_signatures_of_the_samples_cover_what_stands_before_them(string vector)
    {
        var bytes = Vector(vector);
        Assert.True(Parse(bytes).TryFind(StunAttributeType.MessageIntegrity, out var signature));
        Assert.True(bytes.AsSpan().Overlaps(signature, out var at));

        var signed = bytes[..(at - StunMessage.AttributeHeaderLength)];
        BinaryPrimitives.WriteUInt16BigEndian(signed.AsSpan(2), (ushort)(at + signature.Length - StunMessage.HeaderLength)); // RFC 8489 §14.5

#pragma warning disable CA5350 // SHA-1 is what the vectors are signed with
        Assert.Equal(HMACSHA1.HashData(Encoding.ASCII.GetBytes(Rfc5769.Password), signed), signature.ToArray());
#pragma warning restore CA5350
    }

    [Fact]
    public void A_written_answer_is_the_sample_without_its_software_and_signature()
    {
        var buffer = new byte[StunServer.MaxAnswerLength];
        Assert.True(NetworkAddress.TryParse("192.0.2.1:32853", out var address));
        var writer = new StunWriter(buffer, StunClass.Success, Parse(Rfc5769.Ipv4Answer).TransactionId);
        writer.AddXorMappedAddress(address);

        Assert.Equal(Rfc5769.Ipv4Answer[4..20], buffer[4..20]);
        Assert.Equal(Rfc5769.Ipv4Answer[36..48], buffer[20..writer.Length]);
    }

    [Fact]
    public void A_written_message_is_read_back_whole()
    {
        var buffer = new byte[StunServer.MaxAnswerLength];
        Assert.True(NetworkAddress.TryParse("[2001:db8::7]:9", out var address));
        var writer = new StunWriter(buffer, StunClass.Error, new TransactionId(1, 2));
        writer.AddErrorCode(420, "What?"u8);
        writer.AddUnknownAttributes([0x1234, 0x27, 0x26]);
        writer.AddAddress(StunAttributeType.OtherAddress, address);
        writer.AddFingerprint();

        Assert.True(StunMessage.TryParse(buffer.AsSpan(0, writer.Length), out var message));
        Assert.Equal((StunClass.Error, 420, true), (message.Class, message.ErrorCode, message.HasFingerprint(out var isRight) && isRight));
        Assert.True(message.TryFind(StunAttributeType.UnknownAttributes, out var unknown));
        Assert.Equal([0x12, 0x34, 0, 0x27, 0, 0x26], unknown.ToArray());
        Assert.True(message.TryFind(StunAttributeType.OtherAddress, out var other));
        Assert.True(StunAddress.TryRead(other, default, out var read));
        Assert.Equal(address, read);
    }

    [Theory]
    [InlineData("400100002112a442000000000000000000000000")] // RFC 8489 §5: the top bits are zero
    [InlineData("000100032112a442000000000000000000000000ffffff")] // a length that is no multiple of 4
    [InlineData("000100042112a442000000000000000000000000")] // longer than what came
    [InlineData("000100002112a44200000000000000000000000000000000")] // and shorter
    [InlineData("000100042112a442000000000000000000000000ffff0001")] // an attribute that ends outside
    [InlineData("000100002112a4420000000000000000000000")]
    [InlineData("")]
    public void What_is_not_well_formed_is_not_read(string hex) => Assert.False(StunMessage.TryParse(Convert.FromHexString(hex), out _));

    [Theory]
    [InlineData("0003000100000000")] // family 3
    [InlineData("000200010a000001")] // IPv6 in 4 bytes
    [InlineData("000100010a00000100000000")] // IPv4 in 8
    [InlineData("00010001")]
    public void An_address_that_makes_no_sense_is_not_read(string hex) =>
        Assert.False(StunAddress.TryRead(Convert.FromHexString(hex), default, out _));

    private static byte[] Vector(string name) => name switch { "request" => Rfc5769.Request, "IPv4" => Rfc5769.Ipv4Answer, _ => Rfc5769.Ipv6Answer };

    private static StunMessage Parse(byte[] bytes)
    {
        Assert.True(StunMessage.TryParse(bytes, out var message));
        return message;
    }
}
