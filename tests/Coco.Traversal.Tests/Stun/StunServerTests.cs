using Coco.Traversal.Stun;

namespace Coco.Traversal.Tests.Stun;

public sealed class StunServerTests
{
    private static readonly NetworkAddress Client = Address("203.0.113.1:4000");
    private static readonly NetworkAddress Server = Address("198.51.100.10:3478");
    private static readonly NetworkAddress Other = Address("198.51.100.11:3479");
    private static readonly StunServerAddresses One = new(Server);
    private static readonly StunServerAddresses Four = new(Server, Other);

    private readonly byte[] _answer = new byte[StunServer.MaxAnswerLength];

    [Theory, InlineData("203.0.113.1:4000"), InlineData("[2001:db8::1]:4000")]
    public void A_binding_request_is_answered_with_where_it_came_from(string source)
    {
        var message = Answer(Request(), Address(source), One, out _);

        Assert.Equal(StunClass.Success, message.Class);
        Assert.Equal(new TransactionId(7, 8), message.TransactionId);
        Assert.True(message.TryFind(StunAttributeType.XorMappedAddress, out var value));
        Assert.True(StunAddress.TryRead(value, message.CookieAndId, out var mapped));
        Assert.Equal(source, mapped.ToString());
    }

    [Fact] // RFC 5780 §6.1
    public void A_server_with_two_addresses_names_the_other_and_where_it_answers_from()
    {
        var message = Answer(Request(), Client, Four, out var from);

        Assert.Equal((StunChange.None, Other, Server), (from, Plain(message, StunAttributeType.OtherAddress), Plain(message, StunAttributeType.ResponseOrigin)));
    }

    [Theory] // RFC 5780 §6.1, the table of source addresses
    [InlineData("Port", "198.51.100.10:3479"), InlineData("Address", "198.51.100.11:3478"), InlineData("Both", "198.51.100.11:3479")]
    public void A_change_request_is_answered_from_elsewhere(string change, string origin)
    {
        var asked = Enum.Parse<StunChange>(change);
        var message = Answer(Request(asked), Client, Four, out var from);

        Assert.Equal((StunClass.Success, asked, origin), (message.Class, from, Plain(message, StunAttributeType.ResponseOrigin).ToString()));
    }

    [Theory, InlineData("", "Port"), InlineData("198.51.100.10:3479", "Address"), InlineData("198.51.100.11:3478", "Both")] // RFC 5780 §6.1
    public void A_change_request_for_what_is_not_there_is_refused(string other, string change)
    {
        var own = other.Length == 0 ? One : new(Server, Address(other));
        var message = Answer(Request(Enum.Parse<StunChange>(change)), Client, own, out var from);

        Assert.Equal((StunClass.Error, 420, StunChange.None), (message.Class, message.ErrorCode, from));
        Assert.True(message.TryFind(StunAttributeType.UnknownAttributes, out var unknown));
        Assert.Equal([0, 3], unknown.ToArray());
    }

    [Fact] // RFC 8489 §6.3.1
    public void Attributes_that_must_be_understood_and_are_not_are_named_in_the_refusal()
    {
        // RESPONSE-PORT of RFC 5780 §7.5 (we would send to a port somebody else names), one of nobody's, and an optional one.
        var message = Answer(Request(extra: "002700040001000077770000c0010000"), Client, Four, out _);

        Assert.Equal((StunClass.Error, 420), (message.Class, message.ErrorCode));
        Assert.True(message.TryFind(StunAttributeType.UnknownAttributes, out var unknown));
        Assert.Equal([0, 0x27, 0x77, 0x77], unknown.ToArray());
    }

    [Fact]
    public void The_sample_request_of_RFC_5769_is_refused_for_the_attributes_of_ICE() =>
        Assert.Equal(420, Answer(Rfc5769.Request, Client, One, out _).ErrorCode);

    [Theory]
    [InlineData("001100002112a442000000070000000000000008")] // an indication (RFC 8489 §6.3.2)
    [InlineData("010100002112a442000000070000000000000008")] // a success answer
    [InlineData("011100002112a442000000070000000000000008")] // an error answer
    [InlineData("000300002112a442000000070000000000000008")] // Allocate (RFC 8656)
    [InlineData("000100082112a4420000000700000000000000088028000400000000")] // a wrong FINGERPRINT
    public void What_is_no_binding_request_is_passed_over(string hex) =>
        Assert.False(StunServer.TryAnswer(Convert.FromHexString(hex), Client, Four, _answer, out _, out _));

    [Fact] // RFC 8489 §7
    public void Who_asks_with_a_fingerprint_is_answered_with_one()
    {
        Assert.True(Answer(Request(withFingerprint: true), Client, Four, out _).HasFingerprint(out var isRight));
        Assert.True(isRight);
        Assert.False(Answer(Request(), Client, Four, out _).HasFingerprint(out _));
    }

    [Theory]
    [InlineData(false, false, 56), InlineData(false, true, 64), InlineData(true, false, 44), InlineData(true, true, 76)]
    public void An_answer_has_at_most_three_times_the_bytes_of_its_request(bool isIpv6, bool withFingerprint, int expected)
    {
        var request = Request(withFingerprint: withFingerprint);
        var own = isIpv6 ? new(Address("[2001:db8::10]:3478"), Address("[2001:db8::11]:3479")) : Four;

        var message = Answer(request, isIpv6 ? Address("[2001:db8::1]:4000") : Client, own, out _);

        Assert.Equal(expected, message.Length);
        Assert.True(message.Length <= 3 * request.Length);
        // Our own requests have a fingerprint: they are told the other address over IPv6 too.
        Assert.Equal(!isIpv6 || withFingerprint, message.TryFind(StunAttributeType.OtherAddress, out _));
    }

    [Fact] // RFC 3489 §8.1
    public void A_request_without_the_cookie_is_answered_as_RFC_3489_has_it()
    {
        var message = Answer(Convert.FromHexString("00010008014b7e3cc352956cd2ff54773ac978410003000400000006"), Client, Four, out var from);

        Assert.Equal(StunChange.Both, from);
        Assert.Equal("014b7e3cc352956cd2ff54773ac97841", Convert.ToHexStringLower(message.CookieAndId));
        Assert.Equal(
            (Client, Other, Other),
            (Plain(message, StunAttributeType.MappedAddress), Plain(message, StunAttributeType.SourceAddress), Plain(message, StunAttributeType.ChangedAddress)));
    }

    [Theory, InlineData("203.0.113.1:4000"), InlineData("[2001:db8::1]:4000")] // RFC 5780 §7.5
    public void An_answer_to_another_port_goes_to_the_same_host_and_is_no_longer_than_the_request(string source)
    {
        var request = RequestToPort(5000, "Coco mapping");

        Assert.True(StunServer.TryAnswerToPort(request, Address(source), _answer, out var length, out var to));
        Assert.Equal(Address(source).WithPort(5000), to);
        Assert.True(length <= request.Length);
        Assert.True(StunMessage.TryParse(_answer.AsSpan(0, length), out var message) && message.HasFingerprint(out var isRight) && isRight);
        Assert.Equal((StunClass.Success, new TransactionId(7, 8)), (message.Class, message.TransactionId));
    }

    [Theory, InlineData(5000, ""), InlineData(0, "Coco mapping")]
    public void What_is_too_short_or_names_no_port_is_refused_as_if_the_attribute_were_unknown(int port, string padding)
    {
        var request = RequestToPort(port, padding);

        Assert.False(StunServer.TryAnswerToPort(request, Client, _answer, out _, out _));
        Assert.Equal(420, Answer(request, Client, One, out _).ErrorCode);
    }

    [Fact]
    public void Answering_allocates_nothing()
    {
        var request = Request(StunChange.Port, withFingerprint: true);
        StunServer.TryAnswer(request, Client, Four, _answer, out _, out _);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(StunServer.TryAnswer(request, Client, Four, _answer, out _, out _));

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private StunMessage Answer(byte[] request, NetworkAddress source, StunServerAddresses own, out StunChange from)
    {
        Assert.True(StunServer.TryAnswer(request, source, own, _answer, out var length, out from));
        Assert.True(StunMessage.TryParse(_answer.AsSpan(0, length), out var message));
        return message;
    }

    private static byte[] RequestToPort(int port, string padding)
    {
        var buffer = new byte[100];
        var writer = new StunWriter(buffer, StunClass.Request, new TransactionId(7, 8));
        writer.AddResponsePort(port);
        if (padding.Length > 0) { writer.AddSoftware(System.Text.Encoding.ASCII.GetBytes(padding)); }
        writer.AddFingerprint();
        return buffer[..writer.Length];
    }

    private static byte[] Request(StunChange change = StunChange.None, bool withFingerprint = false, string extra = "")
    {
        var buffer = new byte[100];
        var writer = new StunWriter(buffer, StunClass.Request, new TransactionId(7, 8));
        if (change is not StunChange.None) { writer.AddChangeRequest(change); }
        if (withFingerprint) { writer.AddFingerprint(); }
        buffer[3] += (byte)(extra.Length / 2);
        return [.. buffer.AsSpan(0, writer.Length), .. Convert.FromHexString(extra)];
    }

    private static NetworkAddress Plain(in StunMessage message, ushort type)
    {
        Assert.True(message.TryFind(type, out var value));
        Assert.True(StunAddress.TryRead(value, default, out var address));
        return address;
    }

    private static NetworkAddress Address(string text)
    {
        Assert.True(NetworkAddress.TryParse(text, out var address));
        return address;
    }
}
