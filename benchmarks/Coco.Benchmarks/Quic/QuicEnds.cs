using System.Globalization;
using System.Net;
using Coco.Crypto;
using Coco.Quic;
using Coco.Quic.Connections;
using Coco.Quic.Streams;
using Coco.Transport;
using Coco.Transport.Udp;

namespace Coco.Benchmarks.Quic;

/// <summary>The two processes of a Coco transfer: a sender and a receiver, each one loop on one thread. They print what they used.</summary>
internal static class QuicEnds
{
    private static readonly byte[] ServerSeed = [.. Enumerable.Repeat((byte)7, 32)];
    private static readonly byte[] ClientSeed = [.. Enumerable.Repeat((byte)9, 32)];

    private static TimeSpan _answering; // spent on these very figures, so no part of them

    private const long SettledAfter = 100_000_000; // bytes of a connection after which windows and buffers have grown to their size

    private static QuicOptions Options => new()
    {
        Streams = new StreamOptions
        {
            InitialStreamWindow = 8 << 20,
            InitialConnectionWindow = 12 << 20,
            MaxBidirectionalStreams = 1000,
            MaxUnidirectionalStreams = 1000,
        },
    };

    /// <summary>quic-rx ADDRESS PORT [socket]: takes connections until killed. A line on standard input asks for a line of figures.</summary>
    public static int Receive(string[] args)
    {
        using var key = IdentityKey.FromSeed(ServerSeed);
        var local = IPEndPoint.Parse(args[0] + ":" + args[1]);
        var options = new EndpointOptions { Identities = [key], Connection = Options, MaxHalfOpenConnections = 100_000, AddressValidation = AddressValidation.Never };
        using var host = new QuicHost(local, options, Udp(args));
        var asked = 0;
        var commands = new Thread(() =>
        {
            while (Console.In.ReadLine() is not null)
            {
                Interlocked.Increment(ref asked);
                host.Wake();
            }
            Interlocked.Exchange(ref asked, -1);
            host.Wake();
        }) { IsBackground = true };
        commands.Start();
        Console.WriteLine($"listening {host.LocalEndPoint.Port}");

        var connections = new List<QuicConnection>();
        var datagram = new byte[2048];
        var (bytes, ended, datagrams, accepted) = (0L, 0, 0L, 0);
        var (settlesAt, settled) = (long.MaxValue, (Allocated: 0L, Datagrams: 0L));
        while (Volatile.Read(ref asked) >= 0)
        {
            host.Poll(TimeSpan.FromMilliseconds(100));
            while (host.Endpoint.TryAccept(out var connection))
            {
                connections.Add(connection);
                accepted++;
                settlesAt = bytes + SettledAfter;
            }
            for (var i = connections.Count - 1; i >= 0; i--)
            {
                var connection = connections[i];
                while (connection.TryTakeStreamEvent(out var happened)) { Drain(connection, happened, ref bytes, ref ended); }
                while (connection.TryReceiveDatagram(datagram, out _)) { datagrams++; }
                while (connection.TryTakeEvent(out var @event))
                {
                    if (@event.Kind != ConnectionEventKind.Closed) { continue; }
                    connection.Dispose();
                    connections.RemoveAt(i);
                    break;
                }
            }
            if (bytes >= settlesAt) { (settlesAt, settled) = (long.MaxValue, (GC.GetTotalAllocatedBytes(), host.DatagramsReceived)); }
            if (Interlocked.CompareExchange(ref asked, 0, 1) == 1)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"figures bytes={bytes} streams={ended} accepted={accepted} app_datagrams={datagrams} datagrams={host.DatagramsReceived} settled_allocated={GC.GetTotalAllocatedBytes() - settled.Allocated} settled_datagrams={host.DatagramsReceived - settled.Datagrams} {Usage()}"));
            }
        }
        return 0;
    }

    private static void Drain(QuicConnection connection, StreamEvent happened, ref long bytes, ref int ended)
    {
        if (happened.Kind is not (StreamEventKind.Readable or StreamEventKind.Opened)) { return; }
        while (true)
        {
            var data = connection.PeekRead(happened.Id);
            bytes += data.Length;
            if (connection.AdvanceRead(happened.Id, data.Length)) { ended++; return; }
            if (data.IsEmpty) { return; }
        }
    }

    /// <summary>Processor time, allocation, and memory after a full collection, native memory included.</summary>
    private static string Usage()
    {
        var before = Environment.CpuUsage.TotalTime;
        var cpu = (before - _answering).TotalSeconds;
        var allocated = GC.GetTotalAllocatedBytes();
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _answering += Environment.CpuUsage.TotalTime - before;
        return string.Create(CultureInfo.InvariantCulture, $"cpu={cpu:F4} allocated={allocated} heap={GC.GetTotalMemory(false)} rss={Environment.WorkingSet}");
    }

    /// <summary>quic-tx ADDRESS PORT BYTES STREAMS [socket]: one warm-up connection, and after a line of input the measured one.</summary>
    public static int Send(string[] args)
    {
        var remote = IPEndPoint.Parse(args[0] + ":" + args[1]);
        var bytes = long.Parse(args[2], CultureInfo.InvariantCulture);
        var streams = int.Parse(args[3], CultureInfo.InvariantCulture);
        using var server = IdentityKey.FromSeed(ServerSeed);
        using var key = IdentityKey.FromSeed(ClientSeed);
        var local = new IPEndPoint(remote.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        using var host = new QuicHost(local, new EndpointOptions { Identities = [key], AcceptConnections = false, Connection = Options }, Udp(args));
        SendOnce(host, remote, new(server.Id, key), Math.Max(bytes, 1L << 30), streams, print: false);
        Console.WriteLine("warm");
        Console.In.ReadLine();
        SendOnce(host, remote, new(server.Id, key), bytes, streams, print: true);
        return 0;
    }

    private static void SendOnce(QuicHost host, IPEndPoint remote, ConnectOptions options, long bytes, int count, bool print)
    {
        var connection = host.Endpoint.Connect(host.PathTo(remote), options, host.Now);
        while (connection.State == ConnectionState.Handshaking) { host.Poll(TimeSpan.FromMilliseconds(100)); }
        if (connection.State != ConnectionState.Connected) { throw new InvalidOperationException($"no connection: {connection.CloseReason}"); }

        var start = host.Now;
        var cpu = Environment.CpuUsage.TotalTime;
        var allocated = GC.GetTotalAllocatedBytes();
        var datagrams = host.DatagramsSent;
        var left = new Dictionary<long, long>();
        for (var i = 0; i < count; i++)
        {
            if (!connection.TryOpenStream(bidirectional: false, out var id)) { throw new InvalidOperationException("too many streams"); }
            left[id] = bytes / count;
            Fill(connection, id, left);
        }
        var finished = 0;
        var settled = (Allocated: 0L, Datagrams: 0L);
        while (finished < count && connection.State == ConnectionState.Connected)
        {
            host.Poll(TimeSpan.FromMilliseconds(100));
            if (settled.Allocated == 0 && connection.Statistics.BytesSent > SettledAfter) { settled = (GC.GetTotalAllocatedBytes(), host.DatagramsSent); }
            while (connection.TryTakeStreamEvent(out var happened))
            {
                if (happened.Kind == StreamEventKind.Writable) { Fill(connection, happened.Id, left); }
                if (happened.Kind == StreamEventKind.SendFinished) { finished++; }
            }
        }
        var wall = (host.Now - start).TotalSeconds;
        var used = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
        if (print)
        {
            var s = connection.Statistics;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"sent bytes={bytes} wall={wall:F4} cpu={used:F4} gbps={bytes * 8 / wall / 1e9:F3} datagrams={host.DatagramsSent - datagrams} allocated={GC.GetTotalAllocatedBytes() - allocated} settled_allocated={GC.GetTotalAllocatedBytes() - settled.Allocated} settled_datagrams={host.DatagramsSent - settled.Datagrams} lost={s.PacketsLost} rtt_us={s.SmoothedRtt.TotalMicroseconds:F0} cwnd={s.CongestionWindow} mtu={s.MaxDatagramSize} packets_in={s.PacketsReceived} state={connection.State} {connection.CloseReason}"));
        }
        connection.Close(0, "done", host.Now);
        host.Flush();
        while (host.Endpoint.ConnectionCount > 0) { host.Poll(TimeSpan.FromMilliseconds(100)); }
    }

    /// <summary>quic-handshakes ADDRESS PORT COUNT: opens and closes connections, a few at a time; then prints its own figures.</summary>
    public static int Handshakes(string[] args)
    {
        using var ends = new ClientEnd(args, Options);
        var count = int.Parse(args[2], CultureInfo.InvariantCulture);
        ends.OpenAndClose(Math.Min(count, 1000));
        var before = Environment.CpuUsage.TotalTime;
        var start = ends.Host.Now;
        Console.WriteLine("warm");
        Console.In.ReadLine();
        ends.OpenAndClose(count);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"handshakes count={count} wall={(ends.Host.Now - start).TotalSeconds:F4} cpu={(Environment.CpuUsage.TotalTime - before).TotalSeconds:F4}"));
        return 0;
    }

    /// <summary>quic-idle ADDRESS PORT COUNT: opens connections and leaves them idle; prints memory before and after.</summary>
    public static int Idle(string[] args)
    {
        var options = new QuicOptions { IdleTimeout = TimeSpan.FromHours(1) };
        using var ends = new ClientEnd(args, options);
        var count = int.Parse(args[2], CultureInfo.InvariantCulture);
        var warm = ends.Open(500);
        Console.WriteLine($"warm {Usage()}");
        Console.In.ReadLine();
        var all = ends.Open(count);
        Console.WriteLine($"idle {Usage()}");
        Console.In.ReadLine();
        GC.KeepAlive(warm);
        GC.KeepAlive(all);
        return 0;
    }

    /// <summary>quic-datagrams ADDRESS PORT COUNT SIZE: sends datagrams (RFC 9221) as fast as they are taken.</summary>
    public static int Datagrams(string[] args)
    {
        using var ends = new ClientEnd(args, Options);
        var count = int.Parse(args[2], CultureInfo.InvariantCulture);
        var payload = new byte[int.Parse(args[3], CultureInfo.InvariantCulture)];
        var connection = ends.Open(1)[0];
        Send(count / 4);
        Console.WriteLine("warm");
        Console.In.ReadLine();
        var before = Environment.CpuUsage.TotalTime;
        var start = ends.Host.Now;
        Send(count);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"datagrams count={count} wall={(ends.Host.Now - start).TotalSeconds:F4} cpu={(Environment.CpuUsage.TotalTime - before).TotalSeconds:F4} lost={connection.Statistics.PacketsLost}"));
        return 0;

        void Send(int number)
        {
            for (var sent = 0; sent < number;)
            {
                while (sent < number && connection.TrySendDatagram(payload)) { sent++; }
                ends.Host.Poll(TimeSpan.FromMilliseconds(10));
                if (connection.State != ConnectionState.Connected) { throw new InvalidOperationException($"lost the connection: {connection.CloseReason}"); }
            }
            ends.Settle(TimeSpan.FromMilliseconds(50));
        }
    }

    private static void Fill(QuicConnection connection, long id, Dictionary<long, long> left)
    {
        while (left[id] > 0)
        {
            var room = connection.GetWriteSpan(id);
            if (room.IsEmpty) { return; }
            var take = (int)Math.Min(room.Length, left[id]);
            left[id] -= take;
            connection.AdvanceWrite(id, take, fin: left[id] == 0);
        }
    }

    private static UdpChannelOptions Udp(string[] args) => new() { Offload = args[^1] == "socket" ? UdpOffload.Portable : UdpOffload.Auto };
}
