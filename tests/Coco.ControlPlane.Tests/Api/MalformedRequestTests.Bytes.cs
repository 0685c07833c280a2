using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Coco.ControlPlane.Tests.Api;

public abstract partial class MalformedRequestTests
{
    private const string Head = "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";

    // What is wrong, the bytes, and whether an answer has to be heard: not of what ends in its midst, nor of what the server hangs up on while there is more of it.
    private static readonly (string Kind, string Text, bool IsAnswered)[] Garbled =
    [
        ("request line", "GET\r\n\r\n", true),
        ("version", "GET /v1/service HTTP/9.9\r\nHost: x\r\n\r\n", true),
        ("no host", "GET /v1/service HTTP/1.1\r\n\r\n", true),
        ("two hosts", "GET /v1/service HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", true),
        ("two lengths", Head + "Content-Length: 2\r\nContent-Length: 5\r\n\r\n{}", true),
        ("length", Head + "Content-Length: -1\r\n\r\n{}", true),
        ("length of 20 digits", Head + "Content-Length: 99999999999999999999\r\n\r\n{}", true),
        ("other coding", Head + "Content-Length: 2\r\nTransfer-Encoding: identity\r\n\r\n{}", true),
        ("chunk size", Head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", true),
        ("huge chunk", Head + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n{}", true),
        ("space before the colon", "GET /v1/service HTTP/1.1\r\nHost : x\r\n\r\n", true),
        ("control character", "GET /v1/service HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n", true),
        ("target", "GET v1/service HTTP/1.1\r\nHost: x\r\n\r\n", true),
        ("escape", "GET /v1/networks/%zz%c0%af HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", true),
        ("cut short", Head + "Content-Length: 500\r\n\r\n{\"email\":", false),
        ("too much", Head + $"Content-Length: {long.MaxValue}\r\n\r\n{{", false),
        ("many headers", "GET /v1/service HTTP/1.1\r\nHost: x\r\n" + string.Concat(Enumerable.Range(0, 2_000).Select(static i => $"X-{i}: a\r\n")) + "\r\n", false),
        ("long header", $"GET /v1/service HTTP/1.1\r\nHost: x\r\nX: {new string('a', 200_000)}\r\n\r\n", false),
        ("long target", $"GET /v1/{new string('a', 100_000)} HTTP/1.1\r\nHost: x\r\n\r\n", false),
    ];

    private static readonly string[] GarbledKinds = [.. Garbled.Select(static one => one.Kind), "noise"];

    // Below HTTP as clients write it: the server answers once with an error, or hangs up, and nothing of it is taken for a request.
    private static async Task<(string Name, string Fault)> SendBytesAsync(TestPlane plane, Random random, string seed)
    {
        var kind = random.Next(GarbledKinds.Length);
        var (fault, bytes, isAnswered) = kind < Garbled.Length
            ? (Garbled[kind].Kind, Encoding.Latin1.GetBytes(Garbled[kind].Text), Garbled[kind].IsAnswered)
            : ("noise", [(byte)random.Next(128, 256), .. RandomBytes(random, 400)], false);
        var answer = await ExchangeAsync(plane.Http.BaseAddress!.Port, bytes, !isAnswered);
        // Of a version of HTTP that it does not speak a server says so (RFC 9110 §15.6.6): 505 is the one error of a server that is the client's fault.
        var isVersion = fault == "version" && answer.StartsWith("HTTP/1.1 505 ", StringComparison.Ordinal);
        Assert.True(isVersion || answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal) || (answer.Length == 0 && !isAnswered), $"{seed}, {fault}: {answer}");
        Assert.True(answer.IndexOf("HTTP/1.1 ", Math.Min(1, answer.Length), StringComparison.Ordinal) < 0, $"{seed}, {fault}, answered twice: {answer}");
        return ("raw", "raw " + fault);
    }

    // All that is heard until the other end hangs up.
    private static async Task<string> ExchangeAsync(int port, byte[] bytes, bool hangsUp)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var stream = socket.GetStream();
        var heard = new MemoryStream();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            await stream.WriteAsync(bytes, patience.Token);
            if (hangsUp) { socket.Client.Shutdown(SocketShutdown.Send); } // who hangs up need not be answered
            await stream.CopyToAsync(heard, patience.Token);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // Hung up on while there was more to say: what was heard before is what counts.
        }
        return Encoding.Latin1.GetString(heard.ToArray());
    }
}
