using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks.Messaging;

/// <summary>A server of others, at a free port of this machine and with a folder of its own. It ends with this.</summary>
internal sealed class MessagingServer : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coco-bench");

    private MessagingServer(string program, Func<int, string, string> configuration, bool isDurable)
    {
        Port = FreePort();
        var data = isDurable ? _folder.FullName : "";
        var file = Path.Combine(_folder.FullName, "server.conf");
        File.WriteAllText(file, configuration(Port, data));
        Process = LabProcess.Start(PeerPrograms.Get(program), "-c", file);
        WaitUntilListening();
    }

    public int Port { get; }

    public LabProcess Process { get; }

    /// <summary>nats-server. Nothing is lost where a subscriber is slow for a while.</summary>
    public static MessagingServer Nats(bool isDurable) => new("nats-server", static (port, data) => $$"""
        listen: "127.0.0.1:{{port}}"
        max_pending: 1073741824
        write_deadline: "60s"
        {{(data.Length > 0 ? $$"""jetstream { store_dir: "{{data}}" }""" : "")}}
        """, isDurable);

    /// <summary>mosquitto, likewise.</summary>
    public static MessagingServer Mosquitto(bool isDurable) => new("mosquitto", static (port, data) => $"""
        listener {port} 127.0.0.1
        allow_anonymous true
        user root
        set_tcp_nodelay true
        max_queued_messages 0
        max_inflight_messages {RawPublisher.Window}
        {(data.Length > 0 ? $"persistence true\npersistence_location {data}/\nautosave_interval 1" : "persistence false")}
        """, isDurable);

    public void Dispose()
    {
        Process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void WaitUntilListening()
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect(new IPEndPoint(IPAddress.Loopback, Port));
                return;
            }
            catch (SocketException) when (!Process.HasExited && Stopwatch.GetElapsedTime(start) < Ends.Patience)
            {
                Thread.Sleep(10);
            }
        }
    }
}
