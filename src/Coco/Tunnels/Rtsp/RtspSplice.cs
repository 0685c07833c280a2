using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Coco.Hosting;
using Coco.Transport;

namespace Coco.Tunnels.Rtsp;

/// <summary>A connection of RTSP through a tunnel, at one of its ends, with the ports that its media have there.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore whose handle nobody asks for has nothing to release.")]
internal sealed class RtspSplice : Splice
{
    /// <summary>What an end that carries media begins with.</summary>
    private const byte CarriesMedia = 1;

    // Chosen: a player that was refused may still be sending; the answer must not be lost to a reset.
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(2);

    private readonly RtspRelay _relay;
    private readonly bool _isServing; // then the player's side is the peer's stream
    private readonly SemaphoreSlim _toPlayer = new(1); // who has it writes to the player
    private readonly TaskSet _tasks;
    private bool _isRefused; // under _toPlayer

    private RtspSplice(Socket socket, ConnectionStream stream, TunnelCounters counters, RtspRelay relay, TaskSet tasks, bool isServing)
        : base(socket, stream, counters) => (_relay, _tasks, _isServing) = (relay, tasks, isServing);

    /// <summary>The end beside the player.</summary>
    /// <param name="player">The player.</param>
    /// <param name="addresses">The address that it has connected to, and its own.</param>
    /// <param name="session">The session with the peer.</param>
    /// <param name="stream">The connection there.</param>
    /// <param name="budget">How many ports there may be for media.</param>
    /// <param name="counters">Where what goes through is counted.</param>
    /// <param name="time">The clock.</param>
    public static RtspSplice AtPlayer(
        Socket player, (IPEndPoint Local, IPEndPoint Remote) addresses, TunnelSession session, ConnectionStream stream, PortBudget budget, TunnelCounters counters, TimeProvider time)
    {
        var tasks = new TaskSet();
        var local = Plain(addresses.Local).Address;
        var opener = new MediaOpener(local, session, stream, budget, counters, time, tasks);
        var relay = new RtspUsingRelay(opener, Plain(addresses.Remote).Address, local, Telling(counters));
        return new(player, stream, counters, relay, tasks, isServing: false);
    }

    /// <summary>The end beside the server.</summary>
    /// <exception cref="SocketException">The server is gone already.</exception>
    public static RtspSplice AtServer(Socket server, TunnelSession session, ConnectionStream stream, PublishedService service, TimeProvider time)
    {
        var tasks = new TaskSet();
        var opener = new MediaOpener(Plain((IPEndPoint)server.LocalEndPoint!).Address, session, stream, service.MediaPorts, service.Counters, time, tasks);
        var relay = new RtspServingRelay(opener, Plain((IPEndPoint)server.RemoteEndPoint!), service.Target.Authority, Telling(service.Counters));
        return new(server, stream, service.Counters, relay, tasks, isServing: true);
    }

    /// <inheritdoc/>
    public override async Task RunAsync(Func<Task>? begin = null)
    {
        await base.RunAsync(begin).ConfigureAwait(false);
        _relay.Close(); // as well where it was cut off
        await _tasks.WhenAllEnded().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override Task ToPeerAsync()
    {
        Stream.WritesFailed = Fail;
        return _isServing ? FromServerAsync(null) : FromPlayerAsync(null);
    }

    /// <inheritdoc/>
    protected override Task FromPeerAsync(Func<Task>? begin) => _isServing ? FromPlayerAsync(begin) : FromServerAsync(begin);

    private async Task FromPlayerAsync(Func<Task>? begin)
    {
        using var input = new RtspInput();
        var output = new ArrayBufferWriter<byte>();
        try
        {
            if (begin is not null) { await begin().ConfigureAwait(false); }
            if (!_isServing) { output.Write([CarriesMedia]); }
            for (var isFirst = true; await ReadAsync(OfPlayer, input).ConfigureAwait(false); isFirst = false)
            {
                if (isFirst && _relay is RtspServingRelay serving) { serving.HasMedia = input.TrySkip(CarriesMedia); }
                var status = HandleFromPlayer(input, output, out var isTooLong);
                await WriteAsync(OfServer, output).ConfigureAwait(false);
                if (_relay.HasAnswers) { await AnswerAsync().ConfigureAwait(false); }
                if (status is ParseStatus.Malformed)
                {
                    await RefuseAsync(isTooLong).ConfigureAwait(false);
                    return;
                }
            }
            _relay.Close();
            await EndAsync(OfServer).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsOver(exception))
        {
            Fail(exception);
        }
    }

    private async Task FromServerAsync(Func<Task>? begin)
    {
        using var input = new RtspInput();
        var output = new ArrayBufferWriter<byte>();
        try
        {
            if (begin is not null) { await begin().ConfigureAwait(false); }
            while (await ReadAsync(OfServer, input).ConfigureAwait(false))
            {
                if (await PassOnAsync(input, output).ConfigureAwait(false)) { continue; }
                Fail(new CocoException(CocoError.TargetUnavailable, "The server sent something that is no RTSP. Check what runs at the port; what is no RTSP server is published as tcp."));
                return;
            }
            _relay.Close();
            await _toPlayer.WaitAsync().ConfigureAwait(false);
            try
            {
                if (!_isRefused) { await EndAsync(OfPlayer).ConfigureAwait(false); }
            }
            finally
            {
                _toPlayer.Release();
            }
        }
        catch (Exception exception) when (IsOver(exception))
        {
            Fail(exception);
        }
    }

    // Answers leave in the order in which the relay has matched them, so what is handled is written before anybody handles more.
    private async Task<bool> PassOnAsync(RtspInput input, ArrayBufferWriter<byte> output)
    {
        await _toPlayer.WaitAsync().ConfigureAwait(false);
        try
        {
            var status = HandleFromServer(input, output);
            if (!_isRefused) { await WriteAsync(OfPlayer, output).ConfigureAwait(false); }
            return status is not ParseStatus.Malformed;
        }
        finally
        {
            _toPlayer.Release();
        }
    }

    private async Task AnswerAsync()
    {
        await _toPlayer.WaitAsync().ConfigureAwait(false);
        try
        {
            var output = new ArrayBufferWriter<byte>();
            _relay.TakeAnswers(output);
            await WriteAsync(OfPlayer, output).ConfigureAwait(false);
        }
        finally
        {
            _toPlayer.Release();
        }
    }

    private async Task RefuseAsync(bool isTooLong)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Write(isTooLong ? RtspMessage.Answer("RTSP/1.0", 413, "Request Entity Too Large", null) : RtspMessage.Answer("RTSP/1.0", 400, "Bad Request", null));
        await _toPlayer.WaitAsync().ConfigureAwait(false);
        try
        {
            _isRefused = true;
            await WriteAsync(OfPlayer, output).ConfigureAwait(false);
            await EndAsync(OfPlayer).ConfigureAwait(false);
        }
        finally
        {
            _toPlayer.Release();
        }
        await DrainAsync().ConfigureAwait(false);
        Fail(new CocoException(CocoError.Invalid, isTooLong
            ? $"A player sent a message of RTSP that is too long: a head has at most {RtspReader.MaxHead} bytes, a body {RtspReader.MaxBody}."
            : "A player sent something that is no RTSP. RTSP over HTTP or TLS goes through a service that is published as tcp."));
    }

    private async Task DrainAsync()
    {
        using var patience = new CancellationTokenSource(DrainTime);
        var rest = new byte[4096];
        try
        {
            while (await ReadAsync(OfPlayer, rest, patience.Token).ConfigureAwait(false) > 0) { }
        }
        catch (Exception exception) when (IsOver(exception))
        {
            // It did not wait for the end of it.
        }
    }

    private ParseStatus HandleFromPlayer(RtspInput input, ArrayBufferWriter<byte> output, out bool isTooLong)
    {
        ParseStatus status;
        while ((status = input.TryTake(out var bytes, out var message, out isTooLong)) is ParseStatus.Done) { _relay.HandleFromPlayer(bytes, message, output); }
        return status;
    }

    private ParseStatus HandleFromServer(RtspInput input, ArrayBufferWriter<byte> output)
    {
        ParseStatus status;
        while ((status = input.TryTake(out var bytes, out var message, out _)) is ParseStatus.Done) { _relay.HandleFromServer(bytes, message, output); }
        return status;
    }

    private bool OfPlayer => _isServing;

    private bool OfServer => !_isServing;

    private async Task<bool> ReadAsync(bool isPeer, RtspInput input)
    {
        var count = await ReadAsync(isPeer, input.Room, default).ConfigureAwait(false);
        input.Add(count);
        return count > 0;
    }

    private async ValueTask<int> ReadAsync(bool isPeer, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (!isPeer) { return await Socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false); }
        var count = await Stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Counters.AddFromPeer(count);
        return count;
    }

    private async Task WriteAsync(bool isPeer, ArrayBufferWriter<byte> output)
    {
        var bytes = output.WrittenMemory;
        if (isPeer && bytes.Length > 0)
        {
            Counters.AddToPeer(bytes.Length);
            await Stream.WriteAsync(bytes).ConfigureAwait(false);
        }
        else
        {
            while (bytes.Length > 0) { bytes = bytes[await Socket.SendAsync(bytes, SocketFlags.None).ConfigureAwait(false)..]; }
        }
        output.ResetWrittenCount();
    }

    // A side that is given up here may look like one that has ended.
    private async Task EndAsync(bool isPeer)
    {
        if (IsAborted) { return; }
        if (isPeer) { await Stream.CompleteWritesAsync().ConfigureAwait(false); }
        else { Socket.Shutdown(SocketShutdown.Send); }
    }

    private static Action<string> Telling(TunnelCounters counters) => what => counters.NoteMedia(new(CocoError.Invalid, what));

    // A socket for both families has addresses of IPv4 within those of IPv6.
    private static IPEndPoint Plain(IPEndPoint end) => end.Address.IsIPv4MappedToIPv6 ? new(end.Address.MapToIPv4(), end.Port) : end;
}
