using Coco.Crypto;
using Coco.Traversal.Links;
using Coco.Traversal.Stun;

namespace Coco.Traversal.Tests.Stun;

/// <summary>Damaged messages: no input throws, makes an answer too long, or ends more transactions than it should.</summary>
public sealed class StunFuzzTests
{
    private static readonly int Inputs = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 2_000_000 : 20_000;
    private static readonly NetworkAddress Me = NetworkAddress.FromIpv4(0xCB007101, 4000);
    private static readonly NetworkAddress Server = NetworkAddress.FromIpv4(0xC633640A, 3478);
    private static readonly NetworkAddress Other = NetworkAddress.FromIpv4(0xC633640B, 3479);

    private static byte[][] Samples { get; } =
    [
        Rfc5769.Request, Rfc5769.Ipv4Answer, Rfc5769.Ipv6Answer,
        Convert.FromHexString("000100082112a4420000000700000000000000080003000400000006"),
        Convert.FromHexString("00010008014b7e3cc352956cd2ff54773ac978410003000400000000"),
    ];

    [Fact]
    public void Reading_any_bytes_ends_without_harm() => Run((input, _) =>
    {
        if (!StunMessage.TryParse(input, out var message)) { return; }
        var length = StunMessage.HeaderLength;
        foreach (var attribute in message)
        {
            length += StunMessage.AttributeHeaderLength + StunMessage.Padded(attribute.Value.Length);
            StunAddress.TryRead(attribute.Value, message.CookieAndId, out var _);
        }
        Assert.Equal(input.Length, length);
        Assert.InRange(message.ErrorCode, 0, 699);
        message.HasFingerprint(out var _);
    });

    [Fact]
    public void A_server_answers_any_bytes_with_a_message_of_three_times_their_length_or_with_nothing()
    {
        var answer = new byte[StunServer.MaxAnswerLength];
        Run((input, random) =>
        {
            var own = (input.Length % 3) switch { 0 => new StunServerAddresses(Server), 1 => new(Server, Other), _ => new(default, Other) };
            var source = input.Length % 5 == 0 ? NetworkAddress.FromIpv6(Bytes(random, 16), 9) : Me;

            if (!StunServer.TryAnswer(input, source, own, answer, out var length, out var from)) { return; }

            Assert.True(length <= 3 * input.Length);
            Assert.True(StunMessage.TryParse(answer.AsSpan(0, length), out var message));
            Assert.True(message.Class is StunClass.Success or StunClass.Error);
            Assert.Equal(StunChange.None, from & ~own.Available);
        });
    }

    [Fact]
    public void A_server_answers_to_other_ports_of_who_asks_only_and_with_no_more_bytes()
    {
        var answer = new byte[StunServer.MaxAnswerLength];
        Run((input, _) =>
        {
            // Half of the inputs ask for it, or none would come far.
            if (input.Length >= 28 && input.Length % 2 == 0) { Convert.FromHexString("00270002").CopyTo(input, 20); }
            if (!StunServer.TryAnswerToPort(input, Me, answer, out var length, out var to)) { return; }

            Assert.True(length <= input.Length && to.HasSameHost(Me) && to.IsSendable);
            Assert.True(StunMessage.TryParse(answer.AsSpan(0, length), out var message));
            Assert.Equal(StunClass.Success, message.Class);
        });
    }

    [Fact]
    public void A_client_takes_any_bytes_for_one_answer_at_most()
    {
        var client = new StunClient(new(), new SeededRandomSource(1));
        var buffer = new byte[StunServer.MaxAnswerLength];
        Run((input, _) =>
        {
            if (client.Count == 0) { Assert.True(client.TryAsk(1, Server, StunChange.None, default, out var _)); }
            if (client.TryTakeTransmit(buffer, client.Deadline!.Value, out var _)) { _request = buffer[4..20]; }
            // Half of the inputs have the right id, or none would come far.
            if (input.Length >= 20 && input.Length % 2 == 0) { _request.CopyTo(input, 4); }

            client.HandleDatagram(new(LinkKind.Udp, 1, Server), input, default);
            client.HandleTimeout(client.Deadline ?? default);

            var results = 0;
            while (client.TryTakeResult(out var result))
            {
                results++;
                Assert.True(result.Outcome is not StunOutcome.Answered || result.Mapped.IsSendable);
            }
            Assert.Equal(1, results + client.Count);
        });
    }

    private byte[] _request = new byte[16];

    private static void Run(Action<byte[], RandomSource> tryOne)
    {
        for (var seed = 0; seed < Inputs; seed++)
        {
            var random = new SeededRandomSource((ulong)seed);
            try { tryOne(Input(random), random); }
            catch (Exception exception) { throw new InvalidOperationException($"Fuzz input {seed} failed: {exception.Message}", exception); }
        }
    }

    private static byte[] Input(RandomSource random)
    {
        var input = (byte[])Samples[Next(random, Samples.Length)].Clone();
        for (var i = Next(random, 4); i > 0 && input.Length > 0; i--)
        {
            var at = Next(random, input.Length);
            switch (Next(random, 5))
            {
                case 0: input[at] = (byte)Next(random, 256); break;
                case 1: input[at] ^= (byte)(1 << Next(random, 8)); break;
                case 2: input = input[..at]; break;
                case 3: input = [.. input, .. input[at..]]; break;
                default: input = [.. input[..at], .. Bytes(random, Next(random, 40)), .. input[at..]]; break;
            }
        }
        // A right length, mostly, so that it is not this that keeps the rest from being read.
        if (input.Length is >= 20 and < 4000 && Next(random, 4) != 0) { (input[2], input[3]) = ((byte)((input.Length - 20) >> 8), (byte)(input.Length - 20)); }
        return input;
    }

    private static int Next(RandomSource random, int limit) => BitConverter.ToUInt16(Bytes(random, 2)) % limit;

    private static byte[] Bytes(RandomSource random, int count)
    {
        var bytes = new byte[count];
        random.Fill(bytes);
        return bytes;
    }
}
