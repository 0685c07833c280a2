using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Coco.Transport;

namespace Coco.Tunnels;

/// <summary>What a client and a proxy say before bytes go through, in SOCKS 5 or HTTP as the first byte tells.</summary>
/// <param name="socket">The client.</param>
/// <param name="token">What the client has to show as password; null where anybody may who got here.</param>
internal sealed class ProxyConversation(Socket socket, LocalToken? token) : IDisposable
{
    // Chosen: a client that was refused may still be sending; the answer must not be lost to a reset.
    private const int MostDrained = 64 * 1024;

    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(2);

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(HttpConnect.MaxHead);
    private int _length;
    private bool _isHttp;
    private byte[]? _forward;

    /// <summary>How many bytes the client may say beyond those that it has said: a request that is brought to a server is the only one of its connection, as the
    /// next may be for another.</summary>
    public long Room { get; private set; } = long.MaxValue;

    /// <summary>Reads what the client wants. Null: it was told why it does not get it.</summary>
    public async Task<ProxyRequest?> ReadAsync(CancellationToken cancellationToken)
    {
        if (!await FillAsync(cancellationToken).ConfigureAwait(false)) { return null; }
        _isHttp = _bytes[0] != Socks5.Version;
        return _isHttp ? await ReadHttpAsync(cancellationToken).ConfigureAwait(false) : await ReadSocksAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells the client that bytes go through from now on, where it waits for that.</summary>
    public Task AcceptAsync(IPEndPoint? bound = null) =>
        _forward is not null ? Task.CompletedTask : socket.SendAsync(_isHttp ? "HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray() : Socks5.Reply(Socks5Reply.Succeeded, bound));

    /// <summary>Sends what the client has said already beyond its request, and its request where that is for the server.</summary>
    public async Task PassOnAsync(ConnectionStream stream, CancellationToken cancellationToken)
    {
        if (_forward is not null) { await stream.WriteAsync(_forward, cancellationToken).ConfigureAwait(false); }
        if (_length > 0) { await stream.WriteAsync(_bytes.AsMemory(0, _length), cancellationToken).ConfigureAwait(false); }
    }

    /// <summary>Tells the client why not.</summary>
    public Task RefuseAsync(CocoException failure, CancellationToken cancellationToken) => EndAsync(
        _isHttp ? HttpRefusalOf(failure) : Socks5.Reply(ReplyOf(failure.Code)), cancellationToken);

    public void Dispose() => ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref _bytes, []));

    private async Task<ProxyRequest?> ReadHttpAsync(CancellationToken cancellationToken)
    {
        HttpConnectRequest request;
        ParseStatus status;
        int length;
        while ((status = HttpConnect.Read(_bytes.AsSpan(0, _length), out request, out length)) is ParseStatus.Incomplete)
        {
            if (!await FillAsync(cancellationToken).ConfigureAwait(false)) { return null; }
        }
        var answer = status is ParseStatus.Malformed ? HttpConnect.Refusal(400, "Bad Request", "This is a proxy for SOCKS 5 and HTTP, and the request is neither.")
            : request.Host.Length == 0 ? HttpConnect.Refusal(400, "Bad Request", "This is a proxy, and the request names no http:// address: set it as the client's proxy (curl: --proxy), not as its server.")
            : request.BodyLength is null ? HttpConnect.Refusal(411, "Length Required", "A body without a length goes through CONNECT only: have the client tunnel through the proxy (curl: --proxytunnel).")
            : token is not null && (request.Password is null || !token.Matches(request.Password))
                ? HttpConnect.Refusal(407, "Proxy Authentication Required", "Give the app's token as the proxy's password; any user name will do.", "Proxy-Authenticate: Basic realm=\"coco\"")
            : null;
        if (answer is not null)
        {
            await EndAsync(answer, cancellationToken).ConfigureAwait(false);
            return null;
        }
        Take(length);
        if (request is { Forward: { } forward, BodyLength: { } body })
        {
            _forward = forward;
            _length = (int)Math.Min(_length, body);
            Room = body - _length;
        }
        return new(request.Host, IsDatagrams: false);
    }

    private async Task<ProxyRequest?> ReadSocksAsync(CancellationToken cancellationToken)
    {
        if (await GreetAsync(cancellationToken).ConfigureAwait(false) is not { } chosen) { return null; }
        if (chosen is Socks5.Password && !await CheckPasswordAsync(cancellationToken).ConfigureAwait(false)) { return null; }
        byte command;
        string host;
        ushort port;
        int length;
        ParseStatus status;
        while ((status = Socks5.ReadRequest(_bytes.AsSpan(0, _length), out command, out host, out port, out length)) is ParseStatus.Incomplete)
        {
            if (!await FillAsync(cancellationToken).ConfigureAwait(false)) { return null; }
        }
        if (status is ParseStatus.Malformed || command is not (Socks5.Connect or Socks5.UdpAssociate))
        {
            var reply = status is not ParseStatus.Malformed ? Socks5Reply.CommandNotSupported
                : Socks5.HasUnknownAddress(_bytes.AsSpan(0, _length)) ? Socks5Reply.AddressTypeNotSupported : Socks5Reply.GeneralFailure; // RFC 1928 §6
            await EndAsync(Socks5.Reply(reply), cancellationToken).ConfigureAwait(false);
            return null;
        }
        Take(length);
        return new(host, command is Socks5.UdpAssociate, port);
    }

    // The method, or null where there is none.
    private async Task<byte?> GreetAsync(CancellationToken cancellationToken)
    {
        ParseStatus status;
        byte method;
        int length;
        while ((status = ChooseMethod(out method, out length)) is ParseStatus.Incomplete)
        {
            if (!await FillAsync(cancellationToken).ConfigureAwait(false)) { return null; }
        }
        if (status is ParseStatus.Malformed || method is Socks5.NoMethod)
        {
            await EndAsync([Socks5.Version, Socks5.NoMethod], cancellationToken).ConfigureAwait(false);
            return null;
        }
        Take(length);
        await socket.SendAsync(new[] { Socks5.Version, method }, cancellationToken).ConfigureAwait(false);
        return method;
    }

    private ParseStatus ChooseMethod(out byte method, out int length)
    {
        var status = Socks5.ReadGreeting(_bytes.AsSpan(0, _length), out var methods, out length);
        // Where no token is asked for any name and password will do: some clients offer nothing else once they have been given one.
        method = token is null && methods.Contains(Socks5.NoAuthentication) ? Socks5.NoAuthentication : methods.Contains(Socks5.Password) ? Socks5.Password : Socks5.NoMethod;
        return status;
    }

    private async Task<bool> CheckPasswordAsync(CancellationToken cancellationToken)
    {
        ParseStatus status;
        bool isRight;
        int length;
        while ((status = ReadPassword(out isRight, out length)) is ParseStatus.Incomplete)
        {
            if (!await FillAsync(cancellationToken).ConfigureAwait(false)) { return false; }
        }
        if (status is ParseStatus.Malformed || !isRight)
        {
            await EndAsync([1, 1], cancellationToken).ConfigureAwait(false); // RFC 1929 §2: any status but 0, and the connection is closed
            return false;
        }
        Take(length);
        await socket.SendAsync(new byte[] { 1, 0 }, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private ParseStatus ReadPassword(out bool isRight, out int length)
    {
        var status = Socks5.ReadPassword(_bytes.AsSpan(0, _length), out var password, out length);
        isRight = status is ParseStatus.Done && (token is null || token.Matches(password));
        return status;
    }

    // False at the client's end.
    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        var count = await socket.ReceiveAsync(_bytes.AsMemory(_length, HttpConnect.MaxHead - _length), SocketFlags.None, cancellationToken).ConfigureAwait(false);
        _length += count;
        return count > 0;
    }

    private void Take(int length)
    {
        _bytes.AsSpan(length, _length - length).CopyTo(_bytes);
        _length -= length;
    }

    private async Task EndAsync(byte[] answer, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(DrainTime);
        try
        {
            await socket.SendAsync(answer, patience.Token).ConfigureAwait(false);
            socket.Shutdown(SocketShutdown.Send);
            for (var drained = 0; drained < MostDrained;)
            {
                var count = await socket.ReceiveAsync(_bytes, SocketFlags.None, patience.Token).ConfigureAwait(false);
                if (count == 0) { break; }
                drained += count;
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client did not wait for the end of it.
        }
    }

    private static Socks5Reply ReplyOf(CocoError code) => code switch
    {
        CocoError.Denied or CocoError.Invalid => Socks5Reply.NotAllowed,
        CocoError.NotFound or CocoError.Unreachable => Socks5Reply.HostUnreachable,
        CocoError.NotOffered or CocoError.TargetUnavailable => Socks5Reply.ConnectionRefused,
        _ => Socks5Reply.GeneralFailure,
    };

    private static byte[] HttpRefusalOf(CocoException failure) => failure.Code switch
    {
        CocoError.Denied or CocoError.Invalid => HttpConnect.Refusal(403, "Forbidden", failure.Message),
        CocoError.NotFound or CocoError.NotOffered => HttpConnect.Refusal(404, "Not Found", failure.Message),
        CocoError.Unreachable => HttpConnect.Refusal(504, "Gateway Timeout", failure.Message),
        CocoError.Overloaded => HttpConnect.Refusal(503, "Service Unavailable", failure.Message),
        _ => HttpConnect.Refusal(502, "Bad Gateway", failure.Message),
    };
}
