using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Coco.Benchmarks.Tunnels;

/// <summary>A load generator for <see cref="HttpServerEnd"/>: blocking sockets, a thread for each connection, every answer read whole.</summary>
internal static class HttpClientEnd
{
    private const int SmallBody = 128; // chosen: an answer of some API

    /// <summary>http-tx ADDRESS PORT body BYTES, or http-tx ADDRESS PORT requests CONNECTIONS SECONDS: warms up, waits for a line of input, prints figures.</summary>
    public static int Run(string[] args)
    {
        var server = new IPEndPoint(IPAddress.Parse(args[0]), Number(args[1]));
        var (work, unit) = args[2] is "body" ? (Fetch(server, long.Parse(args[3], CultureInfo.InvariantCulture)), "bytes") : (Ask(server, Number(args[3]), Number(args[4])), "requests");
        work(true);
        Console.WriteLine("warm");
        Console.In.ReadLine();
        var (cpu, start) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        var done = work(false);
        var (wall, used) = (Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"done {unit}={done} wall={wall:F4} cpu={used:F4}"));
        return 0;
    }

    private static Func<bool, long> Fetch(IPEndPoint server, long bytes)
    {
        var client = new Client(server);
        return isWarmUp => client.Get(isWarmUp ? 100_000_000 : bytes);
    }

    private static Func<bool, long> Ask(IPEndPoint server, int connections, int seconds)
    {
        Client[] clients = [.. Enumerable.Range(0, connections).Select(_ => new Client(server))];
        return isWarmUp =>
        {
            var end = Stopwatch.GetTimestamp() + (isWarmUp ? 1 : seconds) * Stopwatch.Frequency;
            var counts = new long[connections];
            Thread[] threads = [.. clients.Select((client, i) => new Thread(() =>
            {
                while (Stopwatch.GetTimestamp() < end)
                {
                    client.Get(SmallBody);
                    counts[i]++;
                }
            }))];
            foreach (var thread in threads) { thread.Start(); }
            foreach (var thread in threads) { thread.Join(); }
            return counts.Sum();
        };
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private sealed class Client
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        private readonly byte[] _buffer = new byte[256 << 10];

        public Client(IPEndPoint server) => _socket.Connect(server);

        /// <summary>One request; answers with the body's length.</summary>
        public long Get(long body)
        {
            _socket.Send(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"GET /{body} HTTP/1.1\r\nHost: bench\r\n\r\n")));
            var (length, end) = (0, -1);
            while (end < 0)
            {
                length += Receive(length);
                end = _buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            }
            for (long got = length - end - 4; got < body;) { got += Receive(0); }
            return body;
        }

        private int Receive(int at) =>
            _socket.Receive(_buffer.AsSpan(at)) is > 0 and var count ? count : throw new InvalidOperationException("the server has ended the connection");
    }
}
