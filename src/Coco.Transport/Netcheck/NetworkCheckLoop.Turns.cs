using Coco.Quic.Congestion;
using Coco.Quic.Connections;
using Coco.Transport.Links;
using Coco.Transport.Udp;
using Coco.Traversal.Links;

namespace Coco.Transport.Netcheck;

/// <summary>Datagrams, news of links, and time.</summary>
internal sealed partial class NetworkCheckLoop
{
    void ILinkSink.Opened(int request, Link link) => Post(() =>
    {
        _calls[request].Link = link;
        Greet(_calls[request], link);
    });

    void ILinkSink.Failed(int request, LinkFailure failure, string detail) => Post(() => _calls[request].Failure = Describe(failure, detail));

    void ILinkSink.Accepted(Link link)
    {
        // We listen nowhere.
    }

    void ILinkSink.Received(Link link, LinkBatch batch) => Post(() =>
    {
        using (batch)
        {
            foreach (var run in batch.Runs) { HandleDatagrams(link, batch[run], run.SegmentSize, EcnCodepoint.NotEct); }
        }
    });

    // A few packets for each relay fill no link.
    void ILinkSink.Writable(Link link)
    {
    }

    void ILinkSink.Closed(Link link, LinkFailure reason, string detail) => Post(() =>
    {
        if (_calls.Find(call => call.Link == link) is { IsOver: false } call) { call.Failure = Describe(reason, detail); }
    });

    private static string Describe(LinkFailure failure, string detail) => failure switch
    {
        LinkFailure.Refused => "refused",
        LinkFailure.TimedOut => "no answer in time",
        LinkFailure.Unreachable => $"unreachable: {detail}",
        LinkFailure.TlsFailed => $"TLS failed: {detail}",
        LinkFailure.ProxyRefused => $"the HTTP proxy refused: {detail}",
        LinkFailure.ProxyAuthenticationRequired => $"the HTTP proxy wants credentials: {detail}",
        LinkFailure.NotARelay => $"something else than a relay answers: {detail}",
        _ => detail,
    };

    private void Post(Action news)
    {
        _news.Enqueue(news);
        _poller.Wake();
    }

    private void Turn(TimeSpan end)
    {
        while (_news.TryDequeue(out var news)) { news(); }
        _quic.HandleTimeout(Now);
        _prober.HandleTimeout(Now);
        foreach (var call in _calls) { call.HandleTimeout(Now); }
        TakeResults();
        Flush();
        if (IsDone) { return; }
        _poller.Wait(TimeToWait(end));
        foreach (var channel in _channels) { Receive(channel); }
        TakeResults();
    }

    private TimeSpan TimeToWait(TimeSpan end)
    {
        var until = end;
        if (_quic.Deadline < until) { until = _quic.Deadline.Value; }
        if (_prober.Deadline < until) { until = _prober.Deadline.Value; }
        foreach (var call in _calls)
        {
            if (call.NextPing < until) { until = call.NextPing; }
        }
        var wait = until - Now;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private void Receive(UdpChannel channel)
    {
        while (channel.TryReceive(_buffer, out var batch))
        {
            if (batch.Length == 0) { continue; }
            HandleDatagrams(new(LinkKind.Udp, channel.Number, batch.Remote), _buffer.AsSpan(0, batch.Length), batch.SegmentSize, (EcnCodepoint)batch.Ecn);
        }
    }

    private void HandleDatagrams(in Link link, Span<byte> data, int segmentSize, EcnCodepoint ecn)
    {
        for (var at = 0; at < data.Length; at += segmentSize)
        {
            var datagram = data.Slice(at, Math.Min(segmentSize, data.Length - at));
            if (FirstByte.IsStun(datagram[0])) { _prober.HandleDatagram(link, datagram, Now); }
            else if (FirstByte.IsQuic(datagram[0]) && _paths.TryGet(new(link), out var path)) { _quic.HandleDatagram(path, datagram, ecn, Now); }
        }
    }

    private void TakeResults()
    {
        while (_prober.TryTakeReport(out _))
        {
            // The prober keeps the last one of each family.
        }
        while (_quic.TryTakeReady(out var quic))
        {
            while (quic.TryTakeEvent(out var happened))
            {
                if (quic.Tag is not RelayCall { IsOver: false } call) { continue; }
                if (happened.Kind is ConnectionEventKind.Connected) { call.HandleReached(Now); }
                else if (happened.Kind is ConnectionEventKind.Closed) { call.Failure = Describe(quic.CloseReason); }
            }
        }
    }

    private static string Describe(CloseReason? reason) => reason switch
    {
        null or { Kind: CloseKind.HandshakeTimeout or CloseKind.IdleTimeout } => "no answer in time",
        { Message.Length: > 0 } => reason.Message,
        _ => $"ended: {reason.Kind}",
    };

    private void Flush()
    {
        while (_prober.TryTakeTransmit(_buffer, Now, out var request)) { Send(request); }
        while (_quic.TryTakeTransmit(_buffer.AsSpan(0, UdpChannel.MaxBatchBytes), Now, out var transmit))
        {
            Send(new(_paths[transmit.Path].Link, transmit.Length, transmit.SegmentSize, transmit.Ecn));
        }
    }

    // A full socket loses a packet, which is sent again as on any path.
    private void Send(in LinkTransmit transmit)
    {
        var data = _buffer.AsSpan(0, transmit.Length);
        if (transmit.Link.IsReliable) { _links.TrySend(transmit.Link, data, transmit.SegmentSize); }
        else { _channels[transmit.Link.Number - 1].Send(transmit.Link.Remote, data, transmit.SegmentSize, (Ecn)transmit.Ecn, transmit.HopLimit, out _); }
    }
}
