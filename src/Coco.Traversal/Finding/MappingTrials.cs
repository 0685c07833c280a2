using Coco.Crypto;
using Coco.Quic.Congestion;
using Coco.Traversal.Links;
using Coco.Traversal.Stun;

namespace Coco.Traversal.Finding;

/// <summary>
/// Finds out how long mappings of our NAT live, with one that nothing depends on. A socket of its own asks a STUN server where it is seen and
/// is silent; then another socket asks the same server to answer to that port (RESPONSE-PORT, RFC 5780 §7.5). Only what comes in through the
/// mapping shows that it lives: a NAT that keeps ports gives a new mapping the address of the old one, and whoever reports addresses may lie.
/// That the same way in worked before the silence, and that the server answers after it, tells a mapping that ended from a server that did.
/// </summary>
internal sealed class MappingTrials(bool isIpv4, RandomSource random)
{
    /// <summary>Header, RESPONSE-PORT, the padding, FINGERPRINT.</summary>
    public const int MaxRequestLength = StunMessage.HeaderLength + 8 + 16 + 8;

    private const int MaxServers = 3; // chosen: those asked before it is given up that one answers to another port
    private const int MaxRequests = 4;
    private static readonly TimeSpan Rto = TimeSpan.FromMilliseconds(500); // RFC 8489 §6.2.1

    // Linux gives a flow its full lifetime when it went both ways and is older than two seconds.
    private static readonly TimeSpan Warming = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan RetryPause = TimeSpan.FromMinutes(10); // chosen: a server or the network is in trouble

    private readonly Queue<int> _unused = [];
    private NetworkAddress[] _servers = [];
    private int _server;
    private int _mainSocket;
    private LocalSocket? _socket;
    private int _port; // of the mapping
    private TransactionId _id;
    private int _sent;
    private bool _isOpening;
    private bool _mayChange;

    private enum Stage
    {
        Resting,
        Opening,
        Mapping, // the spare socket asks where it is seen
        Checking, // can the server answer to another port?
        Warming,
        Keeping, // the last packet from inside
        Silent,
        Asking, // does something still come through?
        Confirming, // nothing came; does the server still answer?
    }

    private Stage _stage;

    /// <summary>What is learnt, about the NAT we are behind now.</summary>
    public KeepAliveLearner Learner { get; private set; } = new();

    /// <summary>Whether the family leads to the internet, so that <see cref="Learner"/> counts.</summary>
    public bool IsInUse { get; private set; }

    /// <summary>When something is due.</summary>
    public TimeSpan Deadline { get; private set; } = TimeSpan.MaxValue;

    /// <summary>Requests sent; for tests and metrics.</summary>
    public int RequestsSent { get; private set; }

    private bool IsExchanging => _stage is Stage.Mapping or Stage.Checking or Stage.Keeping or Stage.Asking or Stage.Confirming;

    private bool IsForMain => _stage is Stage.Checking or Stage.Asking;

    /// <summary>We are behind a NAT, as <paramref name="servers"/> have seen us from <paramref name="mainSocket"/>.</summary>
    public void Begin(KeepAliveLearner learner, IEnumerable<NetworkAddress> servers, int mainSocket, TimeSpan now)
    {
        NetworkAddress[] usable = [.. servers.Where(server => server.IsIpv4 == isIpv4 && server.IsSendable).Take(MaxServers)];
        if (IsInUse && Learner == learner && _mainSocket == mainSocket && (_server < _servers.Length || usable.Length <= _servers.Length)) { return; }
        Stop();
        (Learner, IsInUse, _mainSocket, _server, _servers) = (learner, true, mainSocket, 0, usable);
        Rest(now);
    }

    /// <summary>The network has changed: what is being tried says nothing any more.</summary>
    public void Stop()
    {
        Release();
        (_stage, Deadline, IsInUse) = (Stage.Resting, TimeSpan.MaxValue, false);
    }

    /// <summary>A path was lost after a silence.</summary>
    public void HandleLost(TimeSpan silence, TimeSpan now)
    {
        if (!IsInUse) { return; }
        Learner.HandleLost(silence, now);
        Release();
        Rest(now);
    }

    /// <summary>Whether a socket has to be opened; asks once.</summary>
    public bool TryTakeSocketRequest()
    {
        if (_stage is not Stage.Opening || _isOpening) { return false; }
        return _isOpening = true;
    }

    /// <summary>The socket that was asked for; null when there is none to be had.</summary>
    public void HandleSocket(LocalSocket? socket, TimeSpan now)
    {
        _isOpening = false;
        if (_stage is not Stage.Opening)
        {
            if (socket is { } late) { _unused.Enqueue(late.Number); }
            return;
        }
        if (socket is null) { Pause(now); return; }
        _socket = socket;
        Exchange(Stage.Mapping, now);
    }

    /// <summary>Whether a datagram came to the spare socket, and is for nobody else.</summary>
    public bool Owns(in Link link) => _socket is { } socket && link.Number == socket.Number && link.Kind is LinkKind.Udp;

    /// <summary>The number of a socket to close.</summary>
    public bool TryTakeUnused(out int socket) => _unused.TryDequeue(out socket);

    /// <summary>Takes what is for a trial: all that comes to the spare socket, and refusals to the other.</summary>
    public bool HandleDatagram(in Link from, ReadOnlySpan<byte> data, TimeSpan now)
    {
        if (_socket is null || from.Kind is not LinkKind.Udp) { return false; }
        var isSpare = Owns(from);
        // Whatever comes in may renew the mapping (RFC 4787 §4.3, REQ-6).
        if (isSpare && _stage is Stage.Silent) { SetSilence(now); }
        if (!IsExchanging || from.Remote != _servers[_server] || !StunMessage.TryParse(data, out var message) || message.TransactionId != _id || !message.HasMagicCookie) { return isSpare; }
        if (!message.HasFingerprint(out var isRight) || !isRight || (!isSpare && !IsForMain)) { return isSpare; }
        if (message.Class is StunClass.Error && isSpare != IsForMain) { NextServer(now); }
        else if (message.Class is StunClass.Success && isSpare) { HandleAnswer(message, now); }
        else if (message.Class is StunClass.Success) { NextServer(now); } // it ignores the port, against RFC 8489 §6.3.1
        return true;
    }

    public void HandleTimeout(TimeSpan now)
    {
        if (now < Deadline) { return; }
        switch (_stage)
        {
            case Stage.Resting:
                if (_server < _servers.Length && Learner.NextTrial is not null) { (_stage, Deadline) = (Stage.Opening, TimeSpan.MaxValue); }
                else { Deadline = TimeSpan.MaxValue; }
                break;
            case Stage.Warming: Exchange(Stage.Keeping, now); break;
            case Stage.Silent: Exchange(Stage.Asking, now); break;
            case Stage.Asking when _sent == MaxRequests: Exchange(Stage.Confirming, now); break;
            case Stage.Checking or Stage.Mapping when _sent == MaxRequests: NextServer(now); break;
            case Stage.Keeping or Stage.Confirming when _sent == MaxRequests: Pause(now); break;
        }
    }

    /// <summary>One request that is due. The buffer has at least <see cref="MaxRequestLength"/> bytes.</summary>
    public bool TryTakeTransmit(Span<byte> buffer, TimeSpan now, out LinkTransmit transmit)
    {
        transmit = default;
        if (!IsExchanging || now < Deadline || _sent == MaxRequests) { return false; }
        var writer = new StunWriter(buffer, StunClass.Request, _id);
        if (IsForMain)
        {
            writer.AddResponsePort(_port);
            writer.AddSoftware("Coco mapping"u8); // as long as the answer is longer otherwise, over IPv6
        }
        writer.AddFingerprint();
        Deadline = now + (Rto * (1 << _sent++));
        RequestsSent++;
        transmit = new(new(LinkKind.Udp, IsForMain ? _mainSocket : _socket!.Value.Number, _servers[_server]), writer.Length, writer.Length, EcnCodepoint.NotEct);
        return true;
    }

    /// <summary>Whether <see cref="Learner"/> may have another interval now.</summary>
    public bool TryTakeChange()
    {
        var may = _mayChange;
        _mayChange = false;
        return may;
    }

    private void HandleAnswer(in StunMessage message, TimeSpan now)
    {
        if (_stage is Stage.Mapping or Stage.Keeping or Stage.Confirming)
        {
            if (!message.TryFind(StunAttributeType.XorMappedAddress, out var value) || !StunAddress.TryRead(value, message.CookieAndId, out var mapped) || mapped.Port == 0)
            {
                NextServer(now);
                return;
            }
            // Made anew where it should have been warm: the way in has to be tried first.
            var isNew = mapped.Port != _port;
            _port = mapped.Port;
            if (_stage is Stage.Keeping && !isNew) { SetSilence(now); return; }
            if (_stage is Stage.Confirming) { Learn(survived: false, now); }
            if (_stage is not Stage.Resting) { Exchange(Stage.Checking, now); }
            return;
        }
        if (_stage is Stage.Asking) { Learn(survived: true, now); }
        if (_stage is not Stage.Resting) { (_stage, Deadline) = (Stage.Warming, now + Warming); }
    }

    private void Learn(bool survived, TimeSpan now)
    {
        if (survived) { Learner.HandleSurvived(); }
        else { Learner.HandleExpired(); }
        _mayChange = true;
        if (Learner.NextTrial is not null) { return; }
        Release();
        (_stage, Deadline) = (Stage.Resting, TimeSpan.MaxValue);
    }

    private void SetSilence(TimeSpan now) => (_stage, Deadline) = (Stage.Silent, now + Learner.NextTrial!.Value);

    private void Exchange(Stage stage, TimeSpan now) => (_stage, _id, _sent, Deadline) = (stage, TransactionId.Create(random), 0, now);

    private void NextServer(TimeSpan now)
    {
        Release();
        _server++;
        Rest(now);
    }

    private void Pause(TimeSpan now)
    {
        Release();
        (_stage, Deadline) = (Stage.Resting, now + RetryPause);
    }

    private void Rest(TimeSpan now) => (_stage, Deadline) = (Stage.Resting, Learner.TrialsFrom > now ? Learner.TrialsFrom : now);

    private void Release()
    {
        if (_socket is { } socket) { _unused.Enqueue(socket.Number); }
        _socket = null;
    }
}
