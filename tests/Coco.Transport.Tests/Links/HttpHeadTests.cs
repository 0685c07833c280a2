using System.Text;
using Coco.Transport.Links;

namespace Coco.Transport.Tests.Links;

public sealed class HttpHeadTests
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 1_000_000 : 20_000;

    [Fact]
    public void Fields_are_found_in_any_case_and_joined()
    {
        var head = Parse("HTTP/1.1 101 Switching Protocols\r\nConnection: keep-alive\r\nconnection:  Upgrade \r\n\r\n");

        Assert.Equal((101, "keep-alive, Upgrade", ""), (head.Status, head["CONNECTION"], head["Upgrade"]));
        Assert.True(head.Lists("Connection", "upgrade"));
        Assert.False(head.Lists("Connection", "grade"));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK", 200)]
    [InlineData("HTTP/1.0 407", 407)]
    [InlineData("HTTP/1.1 1000 x", 0)]
    [InlineData("HTTP/1.1 +20 x", 0)]
    [InlineData("HTTP/2 200", 0)]
    [InlineData("ICY 200 OK", 0)]
    [InlineData("HTTP/1.1", 0)]
    public void A_status_is_three_digits(string line, int status) => Assert.Equal(status, Parse(line + "\r\n\r\n").Status);

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost : x\r\n\r\n")] // RFC 9112 §5.1
    [InlineData("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n")] // §5.2
    [InlineData("GET / HTTP/1.1\r\n: x\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nno colon\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n")]
    [InlineData("GET /\0 HTTP/1.1\r\n\r\n")]
    [InlineData("\r\n\r\n")]
    [InlineData("")]
    public void What_is_no_head_is_refused(string text) => Assert.False(HttpHead.TryParse(Encoding.Latin1.GetBytes(text), out _));

    [Fact] // RFC 6455 §1.3
    public void The_answer_to_a_key_is_the_RFCs() => Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", WebSocketUpgrade.AcceptFor("dGhlIHNhbXBsZSBub25jZQ=="));

    [Theory]
    [InlineData("", "", null)]
    [InlineData("GET /coco HTTP/1.1", "PUT /coco HTTP/1.1", "405")]
    [InlineData("GET /coco HTTP/1.1", "GET /other HTTP/1.1", "404")]
    [InlineData("GET /coco HTTP/1.1", "GET /coco", "")]
    [InlineData("GET /coco HTTP/1.1", "GET /coco HTTP/2", "")]
    [InlineData("Upgrade: websocket", "Upgrade: h2c", "404")]
    [InlineData("Version: 13", "Version: 8", "426")]
    [InlineData("protocol: coco", "protocol: chat", "400")]
    [InlineData("protocol: coco", "protocol: chat, coco", null)]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZ===", "400")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==", "AAAA", "400")]
    public void A_request_is_taken_or_refused_with_the_status_that_says_why(string replace, string by, string? refusal)
    {
        var text = "GET /coco HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-protocol: coco\r\n\r\n";

        var actual = WebSocketUpgrade.RefusalOf(Parse(replace.Length == 0 ? text : text.Replace(replace, by, StringComparison.Ordinal)), "/coco");

        Assert.Equal(refusal, actual is { Length: > 3 } ? actual[..3] : actual);
    }

    [Fact]
    public void Any_bytes_are_read_without_harm()
    {
        var random = new Random(33);
        var head = Encoding.ASCII.GetBytes("GET /coco HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        var taken = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = (byte[])head.Clone();
            for (var changes = random.Next(4); changes > 0; changes--) { bytes[random.Next(bytes.Length)] = (byte)random.Next(256); }
            if (random.Next(8) == 0) { random.NextBytes(bytes); }
            if (!HttpHead.TryParse(bytes.AsSpan(random.Next(3)), out var read)) { continue; }
            taken++;
            Assert.InRange(read.Status, 0, 999);
            Assert.NotNull(read.Describe());
            Assert.NotEqual("!", WebSocketUpgrade.RefusalOf(read, "/coco"));
        }
        Assert.InRange(taken, Rounds / 100, Rounds - 1);
    }

    private static HttpHead Parse(string text)
    {
        Assert.True(HttpHead.TryParse(Encoding.ASCII.GetBytes(text), out var head));
        return head;
    }
}
