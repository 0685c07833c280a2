using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Coco.Benchmarks.Tunnels;

/// <summary>
/// A web server that costs as little as one can: a thread for each connection, blocking sockets, bodies from memory. It answers GET of a path
/// that is the body's length, and keeps connections alive.
/// </summary>
internal static class HttpServerEnd
{
    private static readonly byte[] Body = new byte[256 << 10];

    /// <summary>http-rx PORT: serves at every address until killed. A line of input asks for a line of figures.</summary>
    public static int Run(string[] args)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Any, int.Parse(args[0], CultureInfo.InvariantCulture)));
        listener.Listen(128);
        new Thread(() => Accept(listener)) { IsBackground = true }.Start();
        Console.WriteLine($"listening {((IPEndPoint)listener.LocalEndPoint!).Port}");
        while (Console.In.ReadLine() is not null) { Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"figures cpu={Environment.CpuUsage.TotalTime.TotalSeconds:F4}")); }
        return 0;
    }

    private static void Accept(Socket listener)
    {
        while (true)
        {
            var socket = listener.Accept();
            socket.NoDelay = true;
            new Thread(() => Serve(socket), 256 << 10) { IsBackground = true }.Start();
        }
    }

    private static void Serve(Socket socket)
    {
        var request = new byte[4096];
        var length = 0;
        using var held = socket;
        try
        {
            while (socket.Receive(request.AsSpan(length)) is > 0 and var count)
            {
                length += count;
                while (request.AsSpan(0, length).IndexOf("\r\n\r\n"u8) is >= 0 and var end)
                {
                    Answer(socket, BodyLengthOf(request.AsSpan(0, end)));
                    request.AsSpan(end + 4, length - end - 4).CopyTo(request);
                    length -= end + 4;
                }
            }
        }
        catch (SocketException)
        {
            // The client went away in the middle of an answer.
        }
    }

    // GET /123 HTTP/1.1
    private static long BodyLengthOf(ReadOnlySpan<byte> head)
    {
        var path = head["GET /".Length..];
        return long.Parse(path[..path.IndexOf((byte)' ')], CultureInfo.InvariantCulture);
    }

    private static void Answer(Socket socket, long body)
    {
        var head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Length: {body}\r\n\r\n"));
        var first = (int)Math.Min(body, Body.Length);
        socket.Send([head, new ArraySegment<byte>(Body, 0, first)]);
        for (var rest = body - first; rest > 0;) { rest -= socket.Send(Body.AsSpan(0, (int)Math.Min(rest, Body.Length))); }
    }
}
