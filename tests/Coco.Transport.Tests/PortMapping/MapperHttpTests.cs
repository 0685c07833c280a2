using System.Net;
using System.Net.Sockets;
using System.Text;
using Coco.Transport.PortMapping;
using Coco.Transport.Udp;
using Coco.Traversal;
using Coco.Traversal.PortMapping;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Transport.Tests.PortMapping;

/// <summary>What a router's HTTP server can do to us. Each server is a socket on loopback that says what the test wants.</summary>
public sealed class MapperHttpTests
{
    private static readonly NetworkAddress Loopback = NetworkAddress.FromIpv4(0x7F000001, 0);

    [Fact]
    public async Task A_control_request_has_what_routers_look_for()
    {
        var (answer, heard) = await AskAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<a/>", post: true);

        Assert.Equal((200, "<a/>"), answer);
        Assert.StartsWith("POST /ctl HTTP/1.1\r\n", heard);
        Assert.Contains("SOAPAction: \"urn:x#Y\"\r\n", heard);
        Assert.Contains("Content-Type: text/xml; charset=utf-8\r\n", heard);
        Assert.Contains("Content-Length: 6\r\n", heard);
        Assert.Contains("Connection: close\r\n", heard);
        Assert.EndsWith("<body>", heard);
    }

    [Fact]
    public async Task A_redirection_is_not_followed()
    {
        var (answer, _) = await AskAsync("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");

        Assert.Equal(302, answer.Status);
    }

    [Fact]
    public async Task A_body_without_end_is_cut_one_byte_above_the_limit()
    {
        var (answer, _) = await AskAsync("HTTP/1.1 200 OK\r\n\r\n" + new string('x', 200_000));

        Assert.Equal((200, 1001), (answer.Status, answer.Body.Length));
    }

    [Theory]
    [InlineData("")] // closes at once
    [InlineData("SSH-2.0-OpenSSH_9\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    public async Task What_is_no_answer_is_status_zero(string said)
    {
        var (answer, _) = await AskAsync(said);

        Assert.Equal((0, ""), answer);
    }

    [Fact]
    public async Task Headers_without_end_are_no_answer()
    {
        var (answer, _) = await AskAsync("HTTP/1.1 200 OK\r\nX: " + new string('x', 100_000));

        Assert.Equal((0, ""), answer);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_waited_for_as_long_as_the_options_say()
    {
        using var listener = Listen();
        using var http = new MapperHttp(Options with { HttpTimeout = TimeSpan.FromMilliseconds(50) }, NullLogger.Instance);

        Assert.Equal(0, (await http.SendAsync(RequestTo(listener, post: false), TestContext.Current.CancellationToken)).Status);
    }

    [Fact]
    public async Task Nobody_there_is_status_zero()
    {
        MapperRequest request;
        using (var listener = Listen()) { request = RequestTo(listener, post: false); }
        using var http = new MapperHttp(Options, NullLogger.Instance);

        Assert.Equal(0, (await http.SendAsync(request, TestContext.Current.CancellationToken)).Status);
    }

    private static PortMappingOptions Options { get; } = new() { Mapper = new() { MaxHttpBody = 1000 }, HttpTimeout = TimeSpan.FromSeconds(10) };

    private static async Task<((int Status, string Body) Answer, string Heard)> AskAsync(string said, bool post = false)
    {
        using var listener = Listen();
        using var http = new MapperHttp(Options, NullLogger.Instance);
        var asking = http.SendAsync(RequestTo(listener, post), TestContext.Current.CancellationToken);
        using var client = await listener.AcceptAsync(TestContext.Current.CancellationToken);
        listener.Dispose(); // the platform tries once more where a connection ends before an answer begins
        var heard = await HearAsync(client, post);
        try
        {
            await client.SendAsync(Encoding.ASCII.GetBytes(said), TestContext.Current.CancellationToken);
            client.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The client had enough and closed.
        }
        var (status, body) = await asking;
        return ((status, Encoding.UTF8.GetString(body)), heard);
    }

    private static async Task<string> HearAsync(Socket client, bool post)
    {
        var heard = "";
        var buffer = new byte[4096];
        while (!heard.EndsWith(post ? "<body>" : "\r\n\r\n", StringComparison.Ordinal))
        {
            var length = await client.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            Assert.NotEqual(0, length);
            heard += Encoding.ASCII.GetString(buffer, 0, length);
        }
        return heard;
    }

    private static Socket Listen()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        return listener;
    }

    private static MapperRequest RequestTo(Socket listener, bool post) =>
        new(1, Loopback, ((IPEndPoint)listener.LocalEndPoint!).ToNetworkAddress(), "/ctl", post ? "\"urn:x#Y\"" : null, post ? "<body>" : "");
}
