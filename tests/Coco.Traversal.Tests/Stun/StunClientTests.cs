using Coco.Crypto;
using Coco.Traversal.Links;
using Coco.Traversal.Stun;

namespace Coco.Traversal.Tests.Stun;

public sealed class StunClientTests
{
    private static readonly NetworkAddress Me = Address("203.0.113.1:4000");
    private static readonly NetworkAddress Server = Address("198.51.100.10:3478");
    private static readonly NetworkAddress Other = Address("198.51.100.11:3479");
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(100);

    private readonly StunClient _client = new(new(), new SeededRandomSource(5));
    private readonly byte[] _buffer = new byte[StunClient.MaxRequestLength];

    [Fact] // RFC 8489 §6.2.1, worked example
    public void A_transaction_gives_up_39_5_seconds_after_its_first_request()
    {
        Assert.True(_client.TryAsk(3, Server, StunChange.None, Start, out _));
        var sent = new List<double>();
        StunResult result;
        while (!_client.TryTakeResult(out result))
        {
            var now = _client.Deadline!.Value;
            while (_client.TryTakeTransmit(_buffer, now, out _)) { sent.Add((now - Start).TotalMilliseconds); }
            _client.HandleTimeout(now);
            if (_client.Deadline is null) { sent.Add((now - Start).TotalMilliseconds); }
        }

        Assert.Equal([0, 500, 1500, 3500, 7500, 15500, 31500, 39500], sent);
        Assert.Equal((StunOutcome.TimedOut, 3, Server), (result.Outcome, result.Socket, result.Server));
    }

    [Fact]
    public void An_answer_ends_the_transaction_with_our_address_and_the_round_trip()
    {
        var request = Ask(StunChange.None);

        Assert.True(_client.HandleDatagram(From(Server), AnswerTo(request, StunChange.None), Start + TimeSpan.FromMilliseconds(30)));

        Assert.True(_client.TryTakeResult(out var result));
        Assert.Equal((StunOutcome.Answered, Me, Other), (result.Outcome, result.Mapped, result.Other));
        Assert.Equal(TimeSpan.FromMilliseconds(30), result.RoundTrip);
        Assert.Null(_client.Deadline);
    }

    [Fact] // RFC 6298 §3: of a request that was sent twice nobody knows which one is answered
    public void The_answer_to_a_repeated_request_measures_nothing()
    {
        Ask(StunChange.None);
        var request = Take(Start + TimeSpan.FromMilliseconds(500));

        _client.HandleDatagram(From(Server), AnswerTo(request, StunChange.None), Start + TimeSpan.FromSeconds(1));

        Assert.True(_client.TryTakeResult(out var result));
        Assert.Null(result.RoundTrip);
    }

    [Theory]
    [InlineData("None", "198.51.100.10:3478", "Answered"), InlineData("None", "198.51.100.10:3479", ""), InlineData("None", "198.51.100.11:3478", "")]
    [InlineData("Port", "198.51.100.10:3479", "Answered"), InlineData("Port", "198.51.100.11:3479", ""), InlineData("Port", "198.51.100.10:3478", "Unusable")]
    [InlineData("Both", "198.51.100.11:3479", "Answered"), InlineData("Both", "198.51.100.10:3479", ""), InlineData("Both", "198.51.100.11:3478", "")]
    public void An_answer_counts_only_from_where_it_was_asked_for(string change, string from, string expected)
    {
        var request = Ask(Enum.Parse<StunChange>(change));

        _client.HandleDatagram(From(Address(from)), AnswerTo(request, Enum.Parse<StunChange>(change)), Start);

        Assert.Equal(expected, _client.TryTakeResult(out var result) ? result.Outcome.ToString() : "");
    }

    [Fact]
    public void An_answer_at_another_socket_or_with_another_id_is_not_ours()
    {
        var answer = AnswerTo(Ask(StunChange.None), StunChange.None);

        Assert.False(_client.HandleDatagram(new(LinkKind.Udp, 4, Server), answer, Start));
        answer[19] ^= 1;
        Assert.False(_client.HandleDatagram(From(Server), answer, Start));
        Assert.Equal(1, _client.Count);
    }

    [Fact]
    public void The_answer_of_a_server_of_RFC_3489_is_good_enough()
    {
        var id = Ask(StunChange.None).AsSpan(4, 16);
        byte[] answer = [1, 1, 0, 24, .. id, 0, 1, 0, 8, 0, 1, 0x0F, 0xA0, 203, 0, 113, 1, 0, 5, 0, 8, 0, 1, 0x0D, 0x97, 198, 51, 100, 11];

        _client.HandleDatagram(From(Server), answer, Start);

        Assert.True(_client.TryTakeResult(out var result));
        Assert.Equal((StunOutcome.Answered, Me, Other), (result.Outcome, result.Mapped, result.Other));
    }

    [Fact]
    public void A_refusal_has_its_code()
    {
        var request = Ask(StunChange.Both);
        var answer = new byte[StunServer.MaxAnswerLength];
        Assert.True(StunServer.TryAnswer(request, Me, new(Server), answer, out var length, out _));

        _client.HandleDatagram(From(Server), answer.AsSpan(0, length), Start);

        Assert.True(_client.TryTakeResult(out var result));
        Assert.Equal((StunOutcome.Refused, 420), (result.Outcome, result.ErrorCode));
    }

    [Theory]
    [InlineData("01010008{0}77770004ffffffff")] // what must be understood and is not (RFC 8489 §6.3.3)
    [InlineData("01010000{0}")] // no address
    [InlineData("0101000c{0}0001000800010000cb007101")] // port 0
    [InlineData("01010018{0}00010014000200012001" + "0db8000000000000000000000001")] // another family
    public void An_answer_without_a_use_ends_the_transaction_too(string answer)
    {
        var id = Convert.ToHexString(Ask(StunChange.None).AsSpan(4, 16));

        _client.HandleDatagram(From(Server), Convert.FromHexString(answer.Replace("{0}", id, StringComparison.Ordinal)), Start);

        Assert.True(_client.TryTakeResult(out var result));
        Assert.Equal(StunOutcome.Unusable, result.Outcome);
    }

    [Fact]
    public void More_transactions_than_allowed_are_not_begun()
    {
        var client = new StunClient(new() { MaxTransactions = 2 }, new SeededRandomSource(5));

        Assert.True(client.TryAsk(1, Server, StunChange.None, Start, out var first));
        Assert.True(client.TryAsk(1, Server, StunChange.None, Start, out _));
        Assert.False(client.TryAsk(1, Server, StunChange.None, Start, out _));
        Assert.True(client.Cancel(first));
        Assert.True(client.TryAsk(1, Server, StunChange.None, Start, out _));
    }

    private byte[] Ask(StunChange change)
    {
        Assert.True(_client.TryAsk(3, Server, change, Start, out _));
        return Take(Start);
    }

    private byte[] Take(TimeSpan now)
    {
        Assert.True(_client.TryTakeTransmit(_buffer, now, out var transmit));
        Assert.Equal(new Link(LinkKind.Udp, 3, Server), transmit.Link);
        return _buffer[..transmit.Length];
    }

    private static byte[] AnswerTo(byte[] request, StunChange change)
    {
        var answer = new byte[StunServer.MaxAnswerLength];
        Assert.True(StunServer.TryAnswer(request, Me, new(Server, Other), answer, out var length, out var from));
        Assert.Equal(change, from);
        return answer[..length];
    }

    private static Link From(NetworkAddress address) => new(LinkKind.Udp, 3, address);

    private static NetworkAddress Address(string text)
    {
        Assert.True(NetworkAddress.TryParse(text, out var address));
        return address;
    }
}
