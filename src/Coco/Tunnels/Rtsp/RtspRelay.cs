using System.Buffers;
using System.Globalization;

namespace Coco.Tunnels.Rtsp;

/// <summary>
/// What an end of a tunnel does with RTSP: all goes on as it came, but where media are to go. A player that asks for datagrams names ports of its own, and gets
/// ports of the end that it talks to; between the ends stands the number of a flow in their place, and the server is given ports of the end beside it.
/// <code>
/// player → RTP/AVP;unicast;client_port=5000-5001 → end → RTP/AVP;unicast;coco-flow=6-7 → end → RTP/AVP;unicast;client_port=40000-40001 → server
/// player ← …;client_port=5000-5001;server_port=30000-30001 ← end ← …;coco-flow=6-7 ← end ← …;client_port=40000-40001;server_port=6970-6971 ← server
/// </code>
/// Media go nowhere but to who asked for them, and to no group. Two threads use it, one for each direction; the ports it opens are the host's.
/// </summary>
internal abstract class RtspRelay(IMediaOpener opener, Action<string> note)
{
    /// <summary>The parameter that stands between the ends in place of ports: <c>coco-flow=6-7</c>.</summary>
    protected const string Flow = "coco-flow";

    // Chosen: players wait for answers, or send what sets up some streams at once.
    private const int MaxPending = 64;

    // Chosen: sound, picture and data of a few cameras in one session.
    private const int MaxMedia = 16;

    private static readonly string[] Placing = ["client_port", "dest_addr", "server_port", "src_addr", "destination", "source", "port", Flow];

    private readonly Lock _lock = new(); // guards what follows
    private readonly List<RtspRequest> _pending = [];
    private readonly List<RtspMedium> _media = [];
    private bool _isClosed;
    private bool _isNoted;

    /// <summary>Whether there is something to be said to the player that is not the server's.</summary>
    public bool HasAnswers
    {
        get
        {
            lock (_lock) { return _pending is [{ Answer: not null }, ..]; }
        }
    }

    /// <summary>Something of the player's. What goes on is written.</summary>
    public void HandleFromPlayer(ReadOnlySpan<byte> bytes, RtspMessage? message, IBufferWriter<byte> toServer)
    {
        if (message is { Method: not null })
        {
            var request = new RtspRequest(message);
            lock (_lock)
            {
                if (request.Is("SETUP")) { Offer(message, request); }
                Await(request);
            }
            if (request.Answer is not null) { return; }
        }
        Write(bytes, message, toServer);
    }

    /// <summary>Something of the server's. What goes on is written, and this end's own answers that come before or behind it.</summary>
    public void HandleFromServer(ReadOnlySpan<byte> bytes, RtspMessage? message, IBufferWriter<byte> toPlayer)
    {
        byte[]? instead = null;
        if (message is { Method: null })
        {
            lock (_lock)
            {
                var request = Answered(message, toPlayer);
                if (request?.Is("SETUP") ?? message["Transport"] is not null) { instead = Choose(message, request); }
                else if (request?.Is("TEARDOWN") is true && message.IsSuccess) { TearDown(request); }
                Localize(message, request);
            }
        }
        else if (message is not null) { Localize(message, null); }
        if (instead is not null) { toPlayer.Write(instead); }
        else { Write(bytes, message, toPlayer); }
        TakeAnswers(toPlayer);
    }

    /// <summary>Writes this end's own answers whose turn it is: they come in the order of the requests (RFC 2326 §9.1).</summary>
    public void TakeAnswers(IBufferWriter<byte> toPlayer)
    {
        lock (_lock)
        {
            while (_pending is [{ Answer: { } answer }, ..])
            {
                toPlayer.Write(answer);
                _pending.RemoveAt(0);
            }
        }
    }

    /// <summary>Closes all ports, and opens no more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            Release(_media);
            foreach (var request in _pending) { Release(request.Media); }
        }
    }

    /// <summary>What is offered in place of a way for datagrams; null where it cannot be had.</summary>
    protected abstract RtspTransport? Map(RtspTransport offered, RtspMessage message, RtspRequest request);

    /// <summary>Which of what was opened for a request is meant by the server's choice, and what the player is told of it; null where none is.</summary>
    protected abstract (RtspMedium Medium, RtspTransport Told)? Match(RtspTransport chosen, RtspRequest request);

    /// <summary>Addresses in what the server says, in an answer where there is a request.</summary>
    protected virtual void Localize(RtspMessage message, RtspRequest? request) { }

    /// <summary>Opens ports for a request. Null where there are no more.</summary>
    protected RtspMedium? Open(RtspRequest request, int count, ulong? flow, Func<IMediaPorts, RtspMedium> mediumOf)
    {
        if (_isClosed || _media.Count + _pending.Sum(static one => one.Media.Count) + request.Media.Count >= MaxMedia || opener.TryOpen(count, flow) is not { } ports)
        {
            Note("A player asked for media as datagrams, and there are no more ports for them: it may ask for them on its connection.");
            return null;
        }
        var medium = mediumOf(ports);
        request.Media.Add(medium);
        return medium;
    }

    /// <summary>A way with other places for the media.</summary>
    protected static RtspTransport Place(RtspTransport transport, params ReadOnlySpan<(string Name, string Value)> with) => transport.Replace(Placing, with);

    /// <summary>The flows of a medium as they stand between the ends.</summary>
    protected static (string Name, string Value) FlowsOf(IMediaPorts ports) =>
        (Flow, ports.Own.Count == 1 ? string.Create(CultureInfo.InvariantCulture, $"{ports.Flow}") : string.Create(CultureInfo.InvariantCulture, $"{ports.Flow}-{ports.Flow + 1}"));

    /// <summary>Reads that.</summary>
    protected static (ulong Flow, int Count)? ParseFlows(string? text)
    {
        if (text?.Split('-') is not [var first, ..] parts || parts.Length > 2 || NumberOf(first) is not { } flow) { return null; }
        return parts is [_, var second] ? NumberOf(second) == flow + 1 ? (flow, 2) : null : (flow, 1);

        static ulong? NumberOf(string text) =>
            ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < FlowHeader.MaxFlow ? number : null;
    }

    /// <summary>Tells why something cannot be had.</summary>
    protected void Note(string what)
    {
        _isNoted = true;
        note(what);
    }

    // What is asked for, without what cannot be had. Where nothing is left the server is not asked.
    private void Offer(RtspMessage message, RtspRequest request)
    {
        if (message["Transport"] is not { } header) { return; }
        if (!RtspTransport.TryParseAll(header, out var offered))
        {
            request.Answer = RtspMessage.Answer(message.Version, 400, "Bad Request", request.CSeq);
            return;
        }
        _isNoted = false;
        var kept = new List<RtspTransport>();
        foreach (var one in offered)
        {
            var mapped = one.IsMulticast ? null : one.IsTcp ? OnConnection(one) : one.IsUdp ? Map(one, message, request) : null;
            if (mapped is not null) { kept.Add(mapped); }
        }
        if (kept.Count == 0)
        {
            // RFC 7826 §17.4.27 has a code for it, RFC 2326 has not.
            request.Answer = request.WantsOthers && message.IsVersion2
                ? RtspMessage.Answer(message.Version, 463, "Destination Prohibited", request.CSeq)
                : RtspMessage.Answer(message.Version, 461, "Unsupported Transport", request.CSeq);
            if (!_isNoted) { note($"A player asked for media in a way that no tunnel carries ({header}): it may have them as datagrams to itself, or on its connection."); }
            return;
        }
        if (!kept.SequenceEqual(offered)) { message.Set("Transport", string.Join(',', kept)); }
    }

    // Media on the connection need no place; on one of their own they would need a port, and somebody who connects there.
    private static RtspTransport? OnConnection(RtspTransport offered)
    {
        if (!offered.Has("interleaved") && (offered.Has("client_port") || offered.Has("dest_addr"))) { return null; }
        return Array.Exists(Placing, offered.Has) ? Place(offered) : offered;
    }

    private void Await(RtspRequest request)
    {
        _pending.Add(request);
        if (_pending.Count <= MaxPending) { return; }
        // The server has left the oldest without an answer, as some do with what only keeps a session alive. Own answers are said at once where nothing is before them.
        if (_pending.Find(static one => one.Answer is null) is not { } oldest) { return; }
        Release(oldest.Media);
        _pending.Remove(oldest);
    }

    // The request that is answered. This end's own answers to those before it go first.
    private RtspRequest? Answered(RtspMessage message, IBufferWriter<byte> toPlayer)
    {
        var cseq = message["CSeq"];
        var at = _pending.FindIndex(one => one.Answer is null && (cseq is null || one.CSeq == cseq));
        if (at < 0) { return null; }
        var request = _pending[at];
        if (message.Status < 200) { return request; } // RFC 2326 §7.1.1: the answer is still to come
        _pending.RemoveAt(at);
        for (var i = 0; i < at && i < _pending.Count;)
        {
            if (_pending[i].Answer is not { } answer)
            {
                i++;
                continue;
            }
            toPlayer.Write(answer);
            _pending.RemoveAt(i);
            at--;
        }
        return request;
    }

    // Null, or what the player is told instead: that it has media which will not come would be worse.
    private byte[]? Choose(RtspMessage message, RtspRequest? request)
    {
        if (message.Status < 200) { return null; }
        if (!message.IsSuccess || message["Transport"] is not { } header)
        {
            Release(request?.Media);
            return null;
        }
        var chosen = RtspTransport.TryParseAll(header, out var all) && !all[0].Has("multicast") ? all[0] : null;
        if (chosen is { IsUdp: true } && request is not null && Match(chosen, request) is var (medium, told))
        {
            message.Set("Transport", told.ToString());
            Keep(medium, message, request);
            return null;
        }
        Release(request?.Media);
        if (chosen is { IsTcp: true }) { return null; }
        note($"The server chose a way for media that nobody had asked for ({header}).");
        return RtspMessage.Answer(message.Version, 461, "Unsupported Transport", message["CSeq"]);
    }

    private void Keep(RtspMedium medium, RtspMessage message, RtspRequest request)
    {
        (medium.Uri, medium.Session) = (request.Uri, message.Session ?? request.Session);
        request.Media.Remove(medium);
        Release(request.Media);
        // RFC 2326 §10.4: set up again, it is another way for the same medium.
        ReleaseWhere(other => other.Uri == medium.Uri && other.Session == medium.Session);
        _media.Add(medium);
    }

    // RFC 2326 §10.7: of all that the session has, or of one of its streams.
    private void TearDown(RtspRequest request)
    {
        bool IsOfIt(RtspMedium one) => request.Session is null || one.Session == request.Session;
        var isOne = _media.Exists(one => IsOfIt(one) && one.Uri == request.Uri) && _media.Exists(one => IsOfIt(one) && one.Uri != request.Uri);
        ReleaseWhere(one => IsOfIt(one) && (!isOne || one.Uri == request.Uri));
    }

    private void ReleaseWhere(Func<RtspMedium, bool> which)
    {
        foreach (var medium in _media.Where(which).ToArray())
        {
            _media.Remove(medium);
            medium.Ports.Dispose();
        }
    }

    private static void Release(List<RtspMedium>? media)
    {
        foreach (var medium in media ?? []) { medium.Ports.Dispose(); }
        media?.Clear();
    }

    private static void Write(ReadOnlySpan<byte> bytes, RtspMessage? message, IBufferWriter<byte> output) =>
        output.Write(message is { IsChanged: true } ? message.ToBytes() : bytes);
}
