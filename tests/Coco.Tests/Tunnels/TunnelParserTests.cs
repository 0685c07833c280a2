using System.Text;
using Coco.Cluster;
using Coco.Tests.Hosting;
using Coco.Tunnels;

namespace Coco.Tests.Tunnels;

/// <summary>Whatever comes from a peer, a local program or the system's tables is read, or refused, without an exception.</summary>
public sealed class TunnelParserTests
{
    private static readonly int Inputs = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 400_000 : 20_000;

    [Fact]
    public void Datagrams_in_pieces_come_together_in_any_order()
    {
        var random = new Random(21);
        for (var i = 0; i < 2000; i++)
        {
            var whole = Noise(random, random.Next(2, 65_508));
            var count = random.Next(2, Math.Min(FlowHeader.MaxCount, whole.Length) + 1);
            var first = new FlowHeader((ulong)random.Next(1000), (ushort)random.Next(65_536), 0, (byte)count, (ushort)whole.Length);
            if ((count - 1) * first.PieceSize >= whole.Length) { continue; } // no sender makes such
            var reassembly = new Reassembly();
            var order = Enumerable.Range(0, count).ToArray();
            random.Shuffle(order);
            for (var at = 0; at < count; at++)
            {
                var piece = first with { Index = (byte)order[at] };
                var bytes = new byte[FlowHeader.MaxLength + piece.Size];
                piece.Write(bytes);
                whole.AsSpan(piece.Offset, piece.Size).CopyTo(bytes.AsSpan(piece.Length));
                Assert.True(FlowHeader.TryParse(bytes.AsSpan(0, piece.Length + piece.Size), out var read, out var rest));
                Assert.Equal(piece, read);
                var isLast = reassembly.TryComplete(read, rest, out var complete);
                Assert.Equal(at == count - 1, isLast);
                if (isLast) { Assert.True(complete.SequenceEqual(whole)); }
                else if (random.Next(4) == 0) { Assert.False(reassembly.TryComplete(read, rest, out _)); } // the same again
            }
        }
    }

    [Fact]
    public void Datagrams_that_are_noise_are_read_or_refused()
    {
        var random = new Random(22);
        var (pieces, wholes, refused) = (0, 0, 0);
        var reassembly = new Reassembly();
        for (var i = 0; i < Inputs; i++)
        {
            var header = new FlowHeader((ulong)random.Next(3), (ushort)random.Next(3), (byte)random.Next(5), (byte)random.Next(6), (ushort)random.Next(60));
            var bytes = new byte[FlowHeader.MaxLength + 20];
            header.Write(bytes);
            var data = bytes.AsSpan(0, random.Next(Math.Min(bytes.Length, header.Length + 20)));
            if (random.Next(3) == 0 && data.Length > 0) { data[random.Next(data.Length)] ^= (byte)(1 << random.Next(8)); }
            if (!FlowHeader.TryParse(data, out var read, out var rest)) { refused++; }
            else if (!read.IsPiece) { wholes++; }
            else
            {
                pieces++;
                if (reassembly.TryComplete(read, rest, out var complete)) { Assert.Equal(read.Total, complete.Length); }
            }
        }
        Assert.InRange(pieces, Inputs / 200, Inputs);
        Assert.InRange(wholes, Inputs / 20, Inputs);
        Assert.InRange(refused, Inputs / 20, Inputs);
    }

    [Fact]
    public void Requests_of_socks_are_whole_or_wait_or_are_refused()
    {
        var random = new Random(23);
        var (done, refused) = (0, 0);
        for (var i = 0; i < Inputs; i++)
        {
            var bytes = SocksRequest(random);
            var status = Socks5.ReadRequest(bytes, out _, out var host, out _, out var length);
            if (status is ParseStatus.Done)
            {
                done++;
                Assert.InRange(length, 7, bytes.Length);
                Assert.DoesNotContain(host, static one => one is <= ' ' or > '~');
                // Each byte less makes it wait, and none makes it anything else.
                Assert.Equal(ParseStatus.Incomplete, Socks5.ReadRequest(bytes.AsSpan(0, random.Next(length)), out _, out _, out _, out _));
            }
            else if (status is ParseStatus.Malformed) { refused++; }
            else { Assert.InRange(bytes.Length, 0, 262); }
            Socks5.TryReadDatagram(bytes, out _, out _, out var begin);
            Assert.InRange(begin, 0, bytes.Length);
        }
        Assert.InRange(done, Inputs / 10, Inputs);
        Assert.InRange(refused, Inputs / 20, Inputs);
    }

    [Fact]
    public void Greetings_and_passwords_of_socks_are_whole_or_wait_or_are_refused()
    {
        var random = new Random(24);
        var done = 0;
        for (var i = 0; i < Inputs; i++)
        {
            byte[] bytes = [(byte)(random.Next(2) == 0 ? 5 : 1), (byte)random.Next(6), .. Noise(random, random.Next(12))];
            if (Socks5.ReadGreeting(bytes, out var methods, out var length) is ParseStatus.Done)
            {
                done++;
                Assert.Equal(length, methods.Length + 2);
            }
            if (Socks5.ReadPassword(bytes, out var password, out length) is ParseStatus.Done)
            {
                done++;
                Assert.True(bytes.AsSpan(0, length).EndsWith(password));
            }
        }
        Assert.InRange(done, Inputs / 10, Inputs);
    }

    [Fact]
    public void Requests_of_http_are_whole_or_wait_or_are_refused()
    {
        var random = new Random(25);
        var (done, forwarded, refused, waiting) = (0, 0, 0, 0);
        for (var i = 0; i < Inputs; i++)
        {
            var bytes = HttpRequest(random);
            switch (HttpConnect.Read(bytes, out var request, out var length))
            {
                case ParseStatus.Done:
                    done++;
                    Assert.InRange(length, 4, bytes.Length);
                    if (request.Forward is { } forward)
                    {
                        forwarded++;
                        Assert.NotEqual("", request.Host);
                        Assert.Equal(forward.Length - 4, forward.AsSpan().IndexOf("\r\n\r\n"u8)); // one request, whatever was in it
                    }
                    break;
                case ParseStatus.Malformed: refused++; break;
                default:
                    waiting++;
                    Assert.InRange(bytes.Length, 0, HttpConnect.MaxHead - 1);
                    break;
            }
        }
        Assert.InRange(done, Inputs / 10, Inputs);
        Assert.InRange(forwarded, Inputs / 10, Inputs);
        Assert.InRange(refused, Inputs / 20, Inputs);
        Assert.InRange(waiting, Inputs / 50, Inputs);
    }

    [Theory]
    [InlineData("CONNECT web.ada.home.coco:80 HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic YW55Om9wZW46c2VzYW1l\r\n\r\nrest", "web.ada.home.coco", "open:sesame")]
    [InlineData("CONNECT web.ada.home.coco:443 HTTP/1.0\r\n\r\n", "web.ada.home.coco", null)]
    [InlineData("GET http://web.ada.home.coco/ HTTP/1.1\r\nProxy-Authorization: Basic YW55OngK\r\n\r\n", "web.ada.home.coco", "x\n")]
    [InlineData("GET HTTP://web.ada.home.coco:8080?a HTTP/1.1\r\n\r\n", "web.ada.home.coco", null)]
    [InlineData("GET / HTTP/1.1\r\nHost: web.ada.home.coco\r\n\r\n", "", null)] // meant for a server
    [InlineData("GET https://web.ada.home.coco/ HTTP/1.1\r\n\r\n", "", null)]
    public void Requests_of_http_say_whom_to_reach(string text, string host, string? password)
    {
        Assert.Equal(ParseStatus.Done, HttpConnect.Read(Encoding.ASCII.GetBytes(text), out var request, out var length));
        Assert.Equal(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4, length);
        Assert.Equal((host, password), (request.Host, request.Password is null ? null : Encoding.ASCII.GetString(request.Password)));
    }

    [Theory]
    [InlineData("GET http://web/a?b HTTP/1.1\r\nHost: x\r\nAccept: y\r\n\r\n", "GET /a?b HTTP/1.1\r\nHost: web\r\nAccept: y\r\n", 0L)] // RFC 9112 §3.2.2
    [InlineData("GET http://web:81 HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\r\nHost: web:81\r\n", 0L)]
    [InlineData("GET http://web?a HTTP/1.1\r\n\r\n", "GET /?a HTTP/1.1\r\nHost: web\r\n", 0L)]
    [InlineData("OPTIONS http://web HTTP/1.1\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: web\r\n", 0L)] // §3.2.4
    [InlineData("PUT http://web/ HTTP/1.1\r\nContent-Length: 7\r\n\r\n", "PUT / HTTP/1.1\r\nHost: web\r\nContent-Length: 7\r\n", 7L)]
    [InlineData("PUT http://web/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "PUT / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked\r\n", null)]
    [InlineData( // RFC 9110 §7.6.1
        "GET http://web/ HTTP/1.1\r\nConnection: Upgrade, X , content-length\r\nX: 1\r\nUpgrade: h2c\r\nTE: trailers\r\nProxy-Authorization: Basic YTpi\r\nContent-Length: 1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: web\r\nContent-Length: 1\r\n", 1L)]
    public void Requests_for_addresses_are_brought_to_servers_in_their_form(string text, string forward, long? body)
    {
        Assert.Equal(ParseStatus.Done, HttpConnect.Read(Encoding.ASCII.GetBytes(text), out var request, out _));
        Assert.Equal(forward + "Via: 1.1 coco\r\nConnection: close\r\n\r\n", Encoding.ASCII.GetString(request.Forward!));
        Assert.Equal(body, request.BodyLength);
    }

    [Theory]
    [InlineData("GET http:// HTTP/1.1\r\n\r\n")]
    [InlineData("GET http://any@web/ HTTP/1.1\r\n\r\n")] // RFC 9110 §4.2.4
    [InlineData("PUT http://web/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")] // RFC 9112 §6.3
    [InlineData("PUT http://web/ HTTP/1.1\r\nContent-Length: +1\r\n\r\n")]
    [InlineData("PUT http://web/ HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("CONNECT web.ada.home.coco HTTP/1.1\r\n\r\n")] // no port
    [InlineData("CONNECT  web:80 HTTP/1.1\r\n\r\n")]
    [InlineData("CONNECT web:80 HTTP/2.0\r\n\r\n")]
    [InlineData("CONNECT web:80 HTTP/1.1\r\nHost : x\r\n\r\n")] // RFC 9112 §5.1
    [InlineData("CONNECT web:80 HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n")] // §5.2
    [InlineData("CONNECT web:80 HTTP/1.1\r\nHost: x\ny\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001")] // TLS
    public void What_is_no_request_of_http_is_refused(string text) =>
        Assert.Equal(ParseStatus.Malformed, HttpConnect.Read(Encoding.ASCII.GetBytes(text), out _, out _));

    [Fact]
    public async Task Lists_of_services_come_back_as_they_were_sent_and_noise_does_no_harm()
    {
        var random = new Random(26);
        var (lists, none) = (0, 0);
        for (var i = 0; i < Inputs; i++)
        {
            TunnelOffer[] offers = [.. Enumerable.Range(0, random.Next(4)).Select(_ => new TunnelOffer($"service-{random.Next(100)}", random.Next(2) == 0))];
            var bytes = OfferList.Encode(offers)[1..];
            var isBroken = random.Next(2) == 0;
            if (isBroken) { bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8)); }
            var stream = new PeerStream(bytes, random);
            var read = await OfferList.ReadAsync(stream, 100, default);
            if (!isBroken) { Assert.Equal(offers, read); }
            if (read is null) { none++; } else { lists++; }
            Assert.InRange(stream.LargestBuffer, 0, 64);
            Assert.All(read ?? [], static offer => Assert.True(Labels.IsValid(offer.Name)));
        }
        Assert.InRange(lists, Inputs / 2, Inputs);
        Assert.InRange(none, Inputs / 10, Inputs);
    }

    [Theory]
    [InlineData("   0: 0100007F:1F90 0200007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 12345 1 0000000000000000", "127.0.0.1:8080", "127.0.0.2:50000", 1000u, true)]
    [InlineData("   0: 0000000000000000FFFF00000100007F:1F90 00000000000000000000000000000000:0000 01 0:0 0:0 0 7 0 0", "[::ffff:127.0.0.1]:8080", "[::]:0", 7u, false)]
    public void Lines_of_the_kernels_tables_are_read(string text, string local, string remote, uint user, bool hasOwner)
    {
        Assert.True(BitConverter.IsLittleEndian);
        Assert.True(SocketTableLine.TryParse(text, out var line));
        Assert.Equal((local, remote, user, hasOwner), (line.Local.ToString(), line.Remote.ToString(), line.User, line.HasOwner));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void A_socket_that_a_table_left_out_is_looked_for_once_more(int leftOut, bool isFound)
    {
        var user = File.ReadLines("/proc/self/status").First(static line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[2];
        var line = $"   0: 0100007F:1F90 0200007F:C350 01 00000000:00000000 00:00000000 00000000  {user}        0 12345 1";
        var reads = 0;

        var isOurs = LocalUser.Owns("tcp", static entry => entry.Local.Port == 8080, table => table != "tcp" ? [] : reads++ < leftOut ? ["header"] : ["header", line]);

        Assert.Equal(isFound, isOurs);
    }

    [Fact]
    public void Lines_that_are_noise_are_refused()
    {
        var random = new Random(27);
        const string Line = "   0: 0100007F:1F90 0200007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 12345 1";
        var read = 0;
        for (var i = 0; i < Inputs; i++)
        {
            var text = Line.ToCharArray();
            for (var changes = random.Next(4); changes > 0; changes--) { text[random.Next(text.Length)] = (char)random.Next(1, 128); }
            if (SocketTableLine.TryParse(text.AsSpan(0, random.Next(2) == 0 ? text.Length : random.Next(text.Length)), out _)) { read++; }
        }
        Assert.InRange(read, Inputs / 10, Inputs - 1);
    }

    [Theory]
    [InlineData("tcp:8080", "tcp:127.0.0.1:8080")]
    [InlineData("udp:host.example:53", "udp:host.example:53")]
    [InlineData("tcp:[2001:db8::1]:80", "tcp:[2001:db8::1]:80")]
    [InlineData("unix:/run/a:b", "unix:/run/a:b")]
    [InlineData("tcp:", null)]
    [InlineData("tcp:host:", null)]
    [InlineData("tcp:host:65536", null)]
    [InlineData("icmp:host:1", null)]
    public void Ends_are_written_as_they_are_read(string text, string? written)
    {
        Assert.Equal(written is not null, TunnelEnd.TryParse(text, out var end));
        Assert.Equal(written, end?.ToString());
    }

    private static byte[] SocksRequest(Random random)
    {
        var name = Encoding.ASCII.GetBytes("web.ada.home.coco"[random.Next(17)..]);
        byte[] address = random.Next(4) switch
        {
            0 => [1, .. Noise(random, 4)],
            1 => [4, .. Noise(random, 16)],
            2 => [3, (byte)name.Length, .. name],
            _ => [(byte)random.Next(6), .. Noise(random, random.Next(20))],
        };
        byte[] bytes = [5, (byte)random.Next(4), 0, .. address, .. Noise(random, random.Next(5))];
        if (random.Next(5) == 0) { bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8)); }
        return bytes[..(random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length)];
    }

    private static byte[] HttpRequest(Random random)
    {
        var first = random.Next(2) == 0 ? "CONNECT web.ada.home.coco:80 HTTP/1.1" : "GET http://web.ada.home.coco/a?b HTTP/1.1";
        string[] lines = [first, random.Next(2) == 0 ? "Content-Length: 7" : "Connection: x", "Proxy-Authorization: Basic YTpi", "X: " + new string('x', random.Next(50))];
        var text = new StringBuilder(string.Join("\r\n", lines[..random.Next(1, 5)]) + (random.Next(8) == 0 ? "\r\n" : "\r\n\r\n"));
        for (var changes = random.Next(3); changes > 0; changes--) { text[random.Next(text.Length)] = (char)random.Next(random.Next(4) == 0 ? 128 : ' ', 128); }
        if (random.Next(400) == 0) { text.Insert(0, new string('A', HttpConnect.MaxHead)); }
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static byte[] Noise(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
