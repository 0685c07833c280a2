using System.Net;
using System.Net.Sockets;
using System.Text;
using Coco.Tunnels;

namespace Coco.Tests.Tunnels.Rtsp;

/// <summary>One side of a conversation of RTSP over a socket, line by line as a test wants it.</summary>
internal sealed class RtspTalk(Socket socket, CancellationToken patience) : IDisposable
{
    private readonly List<byte> _bytes = [];

    /// <summary>The next message: its head, without the empty line, and its body.</summary>
    public async Task<RtspText> ReadAsync()
    {
        int end;
        while ((end = Encoding.Latin1.GetString([.. _bytes]).IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0) { Assert.True(await FillAsync(), "The connection has ended."); }
        var head = Take(end + 4)[..end];
        var length = new RtspText(head, "")["Content-Length"] is { } text ? int.Parse(text, null) : 0;
        while (_bytes.Count < length) { Assert.True(await FillAsync()); }
        return new(head, Take(length));
    }

    public async Task<string> ReadAsync(int length)
    {
        while (_bytes.Count < length) { Assert.True(await FillAsync()); }
        return Take(length);
    }

    public async Task<RtspText> AskAsync(string text)
    {
        await SayAsync(text);
        return await ReadAsync();
    }

    public async Task SayAsync(string text) => await socket.SendAsync(Encoding.Latin1.GetBytes(text), patience);

    /// <summary>Whether the other side has ended the connection, and nothing is left to read.</summary>
    public async Task<bool> HasEndedAsync() => _bytes.Count == 0 && !await FillAsync();

    public void Dispose() => socket.Dispose();

    private string Take(int length)
    {
        var text = Encoding.Latin1.GetString([.. _bytes.Take(length)]);
        _bytes.RemoveRange(0, length);
        return text;
    }

    private async Task<bool> FillAsync()
    {
        var buffer = new byte[4096];
        var count = await socket.ReceiveAsync(buffer, patience);
        _bytes.AddRange(buffer.AsSpan(0, count));
        return count > 0;
    }
}

/// <summary>A message.</summary>
internal sealed record RtspText(string Head, string Body)
{
    public string First => Head.Split("\r\n")[0];

    public string? this[string name] =>
        Head.Split("\r\n").Skip(1).FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    /// <summary>A parameter of its Transport header.</summary>
    public string? Of(string parameter) =>
        this["Transport"]?.Split(';').FirstOrDefault(one => one.StartsWith(parameter + "=", StringComparison.Ordinal))?[(parameter.Length + 1)..];

    /// <summary>The two ports of a parameter.</summary>
    public int[] PortsOf(string parameter) => [.. Of(parameter)!.Split('-').Select(static port => int.Parse(port, null))];
}

/// <summary>A program behind a service that speaks RTSP as a test tells it to, and the ports of its media.</summary>
internal sealed class RtspServer : IDisposable
{
    private readonly TargetServer _target = TargetServer.Listen();

    public TunnelEnd End => TunnelEnd.Rtsp(_target.End.Port);

    public async Task<RtspTalk> AcceptAsync(CancellationToken patience) => new(await _target.AcceptAsync(patience), patience);

    public void Dispose() => _target.Dispose();
}

/// <summary>Two neighbouring UDP ports.</summary>
internal sealed class MediaPair : IDisposable
{
    private MediaPair(UdpTarget rtp, UdpTarget rtcp) => (Rtp, Rtcp) = (rtp, rtcp);

    public UdpTarget Rtp { get; }

    public UdpTarget Rtcp { get; }

    public string Ports => $"{Rtp.End.Port}-{Rtcp.End.Port}";

    public static MediaPair Listen()
    {
        while (true)
        {
            var one = UdpTarget.Listen();
            try
            {
                return new(one, UdpTarget.Listen(one.End.Port + 1));
            }
            catch (SocketException)
            {
                one.Dispose();
            }
        }
    }

    public void Dispose()
    {
        Rtp.Dispose();
        Rtcp.Dispose();
    }

    public static IPEndPoint At(int port) => new(IPAddress.Loopback, port);
}
