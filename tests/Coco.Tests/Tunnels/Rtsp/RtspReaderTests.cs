using System.Text;
using Coco.Tunnels;
using Coco.Tunnels.Rtsp;

namespace Coco.Tests.Tunnels.Rtsp;

/// <summary>Where messages and frames begin and end, whatever comes in whatever pieces.</summary>
public sealed class RtspReaderTests
{
    private static readonly int Inputs = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 200_000 : 10_000;

    private static readonly string[] Items =
    [
        "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nRequire: implicit-play\r\n\r\n",
        "DESCRIBE rtsp://127.0.0.1:8554/door RTSP/1.0\r\nCSeq: 2\r\nAuthorization: Digest username=\"a\", realm=\"b\", uri=\"rtsp://127.0.0.1:8554/door\"\r\n\r\n",
        "RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n",
        "SETUP rtsp://127.0.0.1:8554/door/a film.mp4/track1 RTSP/1.0\r\nCSeq: 3\r\nTransport: RTP/AVP;unicast;\r\n client_port=5000-5001\r\n\r\n",
        "RTSP/2.0 461 Unsupported Transport\nCSeq: 3\n\n",
        "RTSP/1.0 200\r\n\r\n",
        "\r\n",
        "$\0\0\u0004abcd",
        "$\u0001\0\0",
        "SET_PARAMETER rtsp://127.0.0.1/door RTSP/1.0\r\nCSeq: 4\r\ncontent-length: 3\r\nX-Caf\u00e9: \u00fc\r\n\r\n$\r\n",
    ];

    [Fact]
    public void Items_come_out_as_they_went_in_wherever_they_are_cut()
    {
        var random = new Random(31);
        for (var i = 0; i < Inputs / 10; i++)
        {
            var expected = Enumerable.Range(0, 12).Select(_ => Items[random.Next(Items.Length)]).ToArray();
            var bytes = Encoding.Latin1.GetBytes(string.Concat(expected));
            var read = new List<string>();
            using var input = new RtspInput();
            for (var at = 0; at < bytes.Length;)
            {
                var count = Math.Min(random.Next(1, 40), bytes.Length - at);
                bytes.AsSpan(at, count).CopyTo(input.Room.Span);
                input.Add(count);
                at += count;
                while (input.TryTake(out var item, out var message, out _) is ParseStatus.Done)
                {
                    read.Add(Encoding.Latin1.GetString(item));
                    if (message is not null) { Assert.Equal(read[^1], Encoding.Latin1.GetString(message.ToBytes())); }
                }
            }
            Assert.Equal(expected, read);
        }
    }

    [Fact]
    public void Noise_is_read_or_refused()
    {
        var random = new Random(32);
        var (done, malformed) = (0, 0);
        for (var i = 0; i < Inputs; i++)
        {
            var bytes = Encoding.Latin1.GetBytes(Items[random.Next(Items.Length)]);
            for (var changes = random.Next(4); changes > 0; changes--) { bytes[random.Next(bytes.Length)] = (byte)random.Next(256); }
            var data = bytes.AsSpan(0, random.Next(2) == 0 ? bytes.Length : random.Next(bytes.Length + 1));
            switch (RtspReader.Read(data, out var length, out var message, out _))
            {
                case ParseStatus.Done:
                    done++;
                    Assert.InRange(length, 1, data.Length);
                    if (message is not null) { Assert.NotEmpty(message.ToBytes()); }
                    break;
                case ParseStatus.Malformed:
                    malformed++;
                    break;
                default:
                    Assert.True(length == 0 || length > data.Length);
                    break;
            }
        }
        Assert.InRange(done, Inputs / 20, Inputs);
        Assert.InRange(malformed, Inputs / 50, Inputs);
    }

    [Theory]
    [InlineData("GET /door HTTP/1.0\r\nAccept: application/x-rtsp-tunnelled\r\n\r\n")]
    [InlineData("OPTIONS * RTSP/1\r\n\r\n")]
    [InlineData("OPTIONS RTSP/1.0\r\n\r\n")]
    [InlineData("RTSP/1.0 OK\r\n\r\n")]
    [InlineData("RTSP/1.0 20\r\n\r\n")]
    [InlineData("RTSP/1.0 2000\r\n\r\n")]
    [InlineData("OPTIONS * RTSP/1.0\r\n Transport: RTP/AVP\r\n\r\n")] // goes on with nothing
    [InlineData("OPTIONS * RTSP/1.0\r\nCSeq: 1\rTransport: RTP/AVP\r\n\r\n")] // who takes CR for an end sees a header more
    [InlineData("OPTIONS * RTSP/1.0\r\nCSeq: \01\r\n\r\n")]
    [InlineData("OPTIONS * RTSP/1.0\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")]
    [InlineData("OPTIONS * RTSP/1.0\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("OPTIONS * RTSP/1.0\r\nContent-Length: 1048577\r\n\r\n")]
    [InlineData("OPTIONS * RTSP/1.0\r\nContent-Length: 99999999999999999999\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001")] // TLS
    public void What_is_no_RTSP_is_refused(string text) =>
        Assert.Equal(ParseStatus.Malformed, RtspReader.Read(Encoding.Latin1.GetBytes(text), out _, out _, out _));

    [Fact]
    public void A_head_has_an_end_or_is_refused()
    {
        var head = Encoding.ASCII.GetBytes("OPTIONS * RTSP/1.0\r\nX: " + new string('x', RtspReader.MaxHead));
        Assert.Equal(ParseStatus.Incomplete, RtspReader.Read(head.AsSpan(0, RtspReader.MaxHead - 1), out _, out _, out _));
        Assert.Equal(ParseStatus.Malformed, RtspReader.Read(head.AsSpan(0, RtspReader.MaxHead), out _, out _, out var isTooLong));
        Assert.True(isTooLong);
    }

    [Theory]
    [InlineData("OPTIONS rtsp://127.0.0.1/ RTSP/1.0\r\n", true)]
    [InlineData("OPTIONS * RTSP/1.0\r\n", true)]
    [InlineData("GET_PARAMETER RTSPu", true)]
    [InlineData("DESC", true)]
    [InlineData("SETUP r", true)]
    [InlineData("GET / HTTP/1.1\r\n", false)]
    [InlineData("SSH-2.0-x", false)]
    [InlineData("EHLO x", false)]
    [InlineData("\u0016\u0003\u0001", false)]
    [InlineData(" OPTIONS", false)]
    public void Only_bytes_of_a_player_wait_for_the_peers_answer(string text, bool mayBegin) => Assert.Equal(mayBegin, RtspReader.MayBegin(Encoding.Latin1.GetBytes(text)));
}
