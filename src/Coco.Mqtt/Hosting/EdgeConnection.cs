using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Sessions;
using Microsoft.Extensions.Logging;

namespace Coco.Mqtt.Hosting;

/// <summary>
/// A client's socket: reads packets and hands them to the loop, as many as came at once; sends what the broker wrote. The next bytes are
/// read when the loop has handled the last, so that a client that sends faster than it is served waits.
/// </summary>
internal sealed class EdgeConnection(Socket socket, EdgeLoop loop, MqttLimits limits, IEdgeAdmission admission, ILogger logger) : IClientLink, IDisposable
{
    private const int ReadSize = 64 * 1024;

    // CONNECT has at most five fields of 64 KiB, and properties.
    private const int MaxConnectSize = 512 * 1024;

    // Chosen: for the client to read a last packet and close its side. Until then what it sends is thrown away: closing a socket
    // with unread bytes would reset the connection, and the packet might be lost.
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(3);

    private readonly EdgeOutput _output = new();
    private readonly CancellationTokenSource _closing = new();
    private Broker? _broker;
    private Client? _client;
    private ProtocolVersion _version;
    private bool _isCongested;

    public IBufferWriter<byte> Output => _output;

    public long Backlog => _output.Backlog;

    public void Flush() => _output.Flush();

    public void Close()
    {
        _output.Complete();
        _closing.CancelAfter(ClosingTime);
    }

    /// <summary>Serves the client until its connection has ended.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var cut = stopping.Register(_closing.Cancel);
        var sending = SendAsync();
        using var stream = new NetworkStream(socket, ownsSocket: false);
        var input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: ReadSize, useZeroByteReads: true)); // no buffer while there is nothing to read: most clients are silent most of the time
        try
        {
            if (await ReadConnectAsync(input).ConfigureAwait(false)) { await ReadPacketsAsync(input).ConfigureAwait(false); }
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection is gone, which the broker is told below.
        }
        await input.CompleteAsync().ConfigureAwait(false);
        if (_client is { } client) { await loop.RunAsync(now => _broker!.HandleClosed(client, now)).ConfigureAwait(false); }
        else { _output.Complete(); }
        await sending.ConfigureAwait(false);
        await DiscardAsync(stream).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _closing.Dispose();
        socket.Dispose();
    }

    private async Task<bool> ReadConnectAsync(PipeReader input)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        patience.CancelAfter(limits.ConnectTimeout);
        while (true)
        {
            var result = await input.ReadAsync(patience.Token).ConfigureAwait(false);
            var buffer = result.Buffer;
            var status = PacketCodec.TryCut(ref buffer, MaxConnectSize, out var first, out var body);
            if (status is FrameStatus.Incomplete && (buffer.IsEmpty || first >> 4 == (int)PacketType.Connect))
            {
                input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                if (result.IsCompleted) { return false; }
                continue;
            }
            // [MQTT-3.1.0-1]: anything else first is no client of ours, and is not answered.
            if (status is not FrameStatus.Whole || first >> 4 != (int)PacketType.Connect) { return false; }
            var bytes = body.ToArray();
            input.AdvanceTo(buffer.Start);
            return await ConnectAsync(bytes).ConfigureAwait(false);
        }
    }

    private async Task<bool> ConnectAsync(byte[] body)
    {
        if (PacketCodec.Read((int)PacketType.Connect << 4, body, ProtocolVersion.V311, out var error) is not ConnectPacket packet)
        {
            // [MQTT-3.1.2-1], [MQTT-3.1.4-1]: an answer where there is a version to answer in.
            if (ConnectPacket.TryReadVersion(body, out var version)) { Refuse(version, error); }
            return false;
        }
        _version = packet.Version;
        await loop.RunAsync(now =>
        {
            _broker = admission.Admit(packet, out var refusal);
            if (_broker is null) { Refuse((byte)packet.Version, refusal); }
            else { _client = _broker.HandleConnect(this, packet, now); }
        }).ConfigureAwait(false);
        return _client is not null;
    }

    private void Refuse(byte version, ReasonCode reason)
    {
        if (reason is not ReasonCode.UnsupportedProtocolVersion && version is not (byte)ProtocolVersion.V5 && !HasReturnCode(reason)) { return; }
        Broker.SendRefusal(this, version is (byte)ProtocolVersion.V5 ? ProtocolVersion.V5 : ProtocolVersion.V311, reason, admission.Log, limits);
    }

    // 3.1.1 [MQTT-3.1.4-1]: a CONNECT that breaks the rules is not answered; one that asks for what it may not have is.
    private static bool HasReturnCode(ReasonCode reason) => reason is not (ReasonCode.MalformedPacket or ReasonCode.ProtocolError or ReasonCode.TopicNameInvalid);

    private async Task ReadPacketsAsync(PipeReader input)
    {
        var packets = new List<MqttPacket>();
        while (true)
        {
            var result = await input.ReadAsync(_closing.Token).ConfigureAwait(false);
            var error = Cut(result.Buffer, packets, out var consumed);
            input.AdvanceTo(consumed, result.Buffer.End);
            if (packets.Count > 0 || error is not null)
            {
                var caughtUp = Task.CompletedTask;
                if (!await loop.RunAsync(now => caughtUp = Handle(packets, error, now)).ConfigureAwait(false)) { return; }
                packets.Clear();
                if (!caughtUp.IsCompleted) { await caughtUp.WaitAsync(_closing.Token).ConfigureAwait(false); }
            }
            if (error is not null || result.IsCompleted) { return; }
        }
    }

    private ReasonCode? Cut(ReadOnlySequence<byte> buffer, List<MqttPacket> packets, out SequencePosition consumed)
    {
        ReasonCode? error = null;
        while (error is null)
        {
            var status = PacketCodec.TryCut(ref buffer, _broker!.MaxPacketSize, out var first, out var body);
            if (status is FrameStatus.Incomplete) { break; }
            if (status is not FrameStatus.Whole)
            {
                error = status is FrameStatus.TooLarge ? ReasonCode.PacketTooLarge : ReasonCode.MalformedPacket;
                break;
            }
            var packet = body.IsSingleSegment ? PacketCodec.Read(first, body.FirstSpan, _version, out var reason) : PacketCodec.Read(first, body.ToArray(), _version, out reason);
            if (packet is null) { error = reason; }
            else { packets.Add(packet); }
        }
        consumed = buffer.Start;
        return error;
    }

    // What to wait for before more is read.
    private Task Handle(List<MqttPacket> packets, ReasonCode? error, TimeSpan now)
    {
        foreach (var packet in packets) { _broker!.HandlePacket(_client!, packet, now); }
        if (error is ReasonCode.PacketTooLarge) { logger.TooLarge(_client!.Session?.ClientId ?? "", _broker!.MaxPacketSize); }
        if (error is { } reason) { _broker!.HandleBroken(_client!, reason, now); }
        return _client!.WhenCaughtUp();
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                var result = await _output.Reader.ReadAsync(_closing.Token).ConfigureAwait(false);
                foreach (var segment in result.Buffer)
                {
                    for (var rest = segment; !rest.IsEmpty;) { rest = rest[await socket.SendAsync(rest, SocketFlags.None, _closing.Token).ConfigureAwait(false)..]; }
                    Drain(segment.Length);
                }
                _output.Reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted) { break; }
            }
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            await _closing.CancelAsync().ConfigureAwait(false); // who does not read is not read from
        }
        await _output.Reader.CompleteAsync().ConfigureAwait(false);
    }

    private void Drain(int count)
    {
        var before = _output.Backlog;
        var left = _output.Sent(count);
        _isCongested |= before >= limits.MaxBacklog;
        if (!_isCongested || left > limits.MaxBacklog / 2 || _client is not { } client) { return; }
        _isCongested = false;
        loop.Post(now => _broker!.HandleDrained(client, now));
    }

    private async Task DiscardAsync(NetworkStream stream)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            while (!_closing.IsCancellationRequested && await stream.ReadAsync(buffer, _closing.Token).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Gone, or it took its time.
        }
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
