using Coco.Quic.Connections;
using Coco.Quic.Streams;
using Coco.Traversal.Links;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Roaming;

/// <summary>A node that uses us as its relay: its control connection on one side, the relay's number for it on the other.</summary>
internal sealed class ServedClient : QuicUser
{
    // Chosen: what a superseded connection is told, it has not acknowledged for seven PTO. A node that runs twice by mistake answers.
    private const int DeadAfterTimeouts = 3;

    private readonly RoamingEndpoint _endpoint;
    private readonly RelayServer _server;
    private readonly ControlStream _control;
    private Link _unverified;
    private TimeSpan _controlBy;
    private long _countedBytes;

    public ServedClient(RoamingEndpoint endpoint, RelayServer server, QuicConnection quic, TimeSpan now)
    {
        (_endpoint, _server, Quic, _control) = (endpoint, server, quic, new(quic));
        quic.Tag = this;
        _controlBy = now + endpoint.Options.HelloTimeout;
        Number = server.AddClient(quic.PeerId, endpoint.WayOf(quic.ActivePath).Link, now);
    }

    /// <summary>The relay's number for this client; negative when it takes no more.</summary>
    public int Number { get; }

    public QuicConnection Quic { get; }

    public override TimeSpan Deadline => _controlBy;

    /// <summary>Hands a message to the client's stream; what does not fit waits at the relay, where it is counted.</summary>
    public void Send(ulong type, ReadOnlySpan<byte> body)
    {
        _control.Send(type, body);
        if (_control.IsBlocked) { _server.HandleBlocked(Number); }
    }

    /// <summary>Has the relay count what the control connection carried since this was last called.</summary>
    public void CountControl()
    {
        var carried = Quic.BytesCarried;
        _server.CountControl(Number, carried - _countedBytes);
        _countedBytes = carried;
    }

    /// <summary>Data showed one of this client's sessions but came from elsewhere than its control connection. Nothing is sent there before
    /// the client has answered a challenge there, or anybody could have a victim flooded.</summary>
    public void Verify(in Link link, TimeSpan now)
    {
        _unverified = link;
        if (_endpoint.TryPathTo(new(link), out var path)) { Quic.TryProbePath(path, now); }
    }

    public override void HandleReady(QuicConnection quic, TimeSpan now)
    {
        while (quic.TryTakeEvent(out var quicEvent))
        {
            switch (quicEvent.Kind)
            {
                case ConnectionEventKind.PathValidated when _endpoint.WayOf(quicEvent.Path).Link == _unverified:
                    quic.TrySwitchPath(quicEvent.Path, now, abandonOld: true);
                    break;
                case ConnectionEventKind.PathChanged:
                    _server.HandleLinkChanged(Number, _endpoint.WayOf(quicEvent.Path).Link, now);
                    break;
                case ConnectionEventKind.Closed:
                    _endpoint.RemoveServedClient(this, now);
                    return;
            }
        }
        while (quic.TryTakeStreamEvent(out var streamEvent)) { HandleStream(streamEvent); }
        while (_control.TryTake(out var type, out var body)) { _server.HandleMessage(Number, type, body, now); }
        if (_control.IsBroken) { quic.Close(ControlMessage.ProtocolError, "The control stream was ended or malformed.", now); }
        if (quic.ProbeTimeouts >= DeadAfterTimeouts && _server.IsSuperseded(Number))
        {
            quic.Tag = null;
            quic.Close(ControlMessage.Superseded, "", now);
            _endpoint.RemoveServedClient(this, now);
        }
    }

    public override void HandleTimeout(TimeSpan now)
    {
        if (now < _controlBy) { return; }
        _controlBy = TimeSpan.MaxValue;
        Quic.Close(ControlMessage.ProtocolError, "The control stream was not opened in time.", now);
    }

    private void HandleStream(in StreamEvent streamEvent)
    {
        if (streamEvent.Id != ControlStream.Id)
        {
            if (streamEvent.Kind is StreamEventKind.Opened) { Quic.StopSending(streamEvent.Id, ControlMessage.ProtocolError); }
        }
        else if (streamEvent.Kind is StreamEventKind.Opened)
        {
            _control.HandleOpened();
            _controlBy = TimeSpan.MaxValue;
            _endpoint.SetTimer(this);
        }
        else if (streamEvent.Kind is StreamEventKind.Writable)
        {
            _control.Flush();
            if (!_control.IsBlocked) { _server.HandleWritable(Number); }
        }
    }
}
