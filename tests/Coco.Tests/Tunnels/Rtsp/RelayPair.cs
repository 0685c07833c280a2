using System.Buffers;
using System.Net;
using System.Text;
using Coco.Tunnels;
using Coco.Tunnels.Rtsp;

namespace Coco.Tests.Tunnels.Rtsp;

/// <summary>Both ends of a tunnel without the tunnel: text in, text out. Ports are numbers that somebody hands out.</summary>
internal sealed class RelayPair
{
    private readonly RtspUsingRelay _using;
    private readonly RtspServingRelay _serving;

    public RelayPair(string player = "127.0.0.1", bool carriesMedia = true, string server = "192.0.2.7:554")
    {
        _using = new(AtPlayer, IPAddress.Parse(player), IPAddress.Parse(player), Notes.Add);
        _serving = new(AtServer, IPEndPoint.Parse(server), "camera.example:554", Notes.Add) { HasMedia = carriesMedia };
        IsLegacy = !carriesMedia;
    }

    public FakePorts AtPlayer { get; } = new(30_000, 6);

    public FakePorts AtServer { get; } = new(40_000, 0);

    public List<string> Notes { get; } = [];

    /// <summary>What has gone between the ends.</summary>
    public string Between { get; private set; } = "";

    private bool IsLegacy { get; }

    /// <summary>The player says something: what the server gets of it.</summary>
    public string Ask(string text)
    {
        Between = IsLegacy ? text : Pass(text, static (relay, bytes, message, output) => relay.HandleFromPlayer(bytes, message, output), _using);
        return Pass(Between, static (relay, bytes, message, output) => relay.HandleFromPlayer(bytes, message, output), _serving);
    }

    /// <summary>The server says something: what the player gets of it.</summary>
    public string Answer(string text)
    {
        Between = Pass(text, static (relay, bytes, message, output) => relay.HandleFromServer(bytes, message, output), _serving);
        return IsLegacy ? Between : Pass(Between, static (relay, bytes, message, output) => relay.HandleFromServer(bytes, message, output), _using);
    }

    /// <summary>What the ends themselves say to the player.</summary>
    public string Own()
    {
        var output = new ArrayBufferWriter<byte>();
        _serving.TakeAnswers(output);
        var between = Encoding.Latin1.GetString(output.WrittenSpan);
        output.ResetWrittenCount();
        if (IsLegacy) { return between; }
        _using.TakeAnswers(output);
        return Encoding.Latin1.GetString(output.WrittenSpan) + Pass(between, static (relay, bytes, message, writer) => relay.HandleFromServer(bytes, message, writer), _using);
    }

    public void Close()
    {
        _using.Close();
        _serving.Close();
    }

    private static string Pass<TRelay>(string text, Handle handle, TRelay relay)
        where TRelay : RtspRelay
    {
        var output = new ArrayBufferWriter<byte>();
        using var input = new RtspInput();
        foreach (var one in Encoding.Latin1.GetBytes(text))
        {
            input.Room.Span[0] = one;
            input.Add(1);
            while (input.TryTake(out var bytes, out var message, out _) is var status and not ParseStatus.Incomplete)
            {
                Assert.Equal(ParseStatus.Done, status);
                handle(relay, bytes, message, output);
            }
        }
        return Encoding.Latin1.GetString(output.WrittenSpan);
    }

    private delegate void Handle(RtspRelay relay, ReadOnlySpan<byte> bytes, RtspMessage? message, IBufferWriter<byte> output);

    public sealed class FakePorts(int port, ulong flow) : IMediaOpener
    {
        private int _port = port;
        private ulong _flow = flow;

        public List<Fake> All { get; } = [];

        /// <summary>Those that are open.</summary>
        public IEnumerable<Fake> Open => All.Where(static one => !one.IsClosed);

        public int Most { get; set; } = int.MaxValue;

        public IMediaPorts? TryOpen(int count, ulong? flow)
        {
            if (Open.Count() >= Most) { return null; }
            var ports = new Fake(new(_port, count == 1 ? null : _port + 1), flow ?? _flow);
            (_port, _flow) = (_port + 2, _flow + (ulong)count);
            All.Add(ports);
            return ports;
        }
    }

    public sealed class Fake(RtspPorts own, ulong flow) : IMediaPorts
    {
        public RtspPorts Own => own;

        public ulong Flow => flow;

        /// <summary>Who is there.</summary>
        public string? Remote { get; private set; }

        public bool IsClosed { get; private set; }

        public void Connect(IPAddress address, RtspPorts? remote) => Remote = $"{address}:{remote}";

        public void Dispose() => IsClosed = true;
    }
}
