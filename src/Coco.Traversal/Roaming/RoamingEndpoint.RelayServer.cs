using System.Diagnostics.CodeAnalysis;
using Coco.Crypto;
using Coco.Quic.Congestion;
using Coco.Quic.Connections;
using Coco.Traversal.Links;
using Coco.Traversal.Records;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Roaming;

/// <summary>Being a relay for others.</summary>
internal sealed partial class RoamingEndpoint
{
    private readonly RelayServer? _relayServer;
    private readonly Dictionary<int, ServedClient> _served = [];
    private readonly Queue<(LinkTransmit Transmit, int Offset)> _forwards = new();

    /// <summary>What the relay does; null when this endpoint is none.</summary>
    public RelayStatistics? RelayStatistics => _relayServer?.Statistics;

    /// <summary>Whether a drain is over and nobody is left.</summary>
    public bool IsRelayDrained => _relayServer?.IsDrained ?? true;

    /// <summary>A run of relayed datagrams inside the buffer that was just handed in: to be sent from there, before the buffer is used again.</summary>
    /// <param name="transmit">Where to and how much.</param>
    /// <param name="offset">Where in the buffer it begins.</param>
    public bool TryTakeForward(out LinkTransmit transmit, out int offset)
    {
        var any = _forwards.TryDequeue(out var forward);
        (transmit, offset) = forward;
        return any;
    }

    /// <summary>Stops being a relay: clients are told to go elsewhere, and have until the deadline.</summary>
    public void DrainRelay(TimeSpan deadline, IReadOnlyList<RelayInfo> others, TimeSpan now)
    {
        _relayServer?.BeginDrain(deadline, others, now);
        Settle(now);
    }

    /// <summary>Terms on which clients are served have changed.</summary>
    public void HandleRelayTermsChanged(IReadOnlyCollection<NodeId> clients, IReadOnlyCollection<string> networks, TimeSpan now)
    {
        _relayServer?.HandleTermsChanged(clients, networks, now);
        Settle(now);
    }

    /// <inheritdoc cref="RelayServer.TryTakeQuestion"/>
    public bool TryTakeRelayQuestion(out NodeId target)
    {
        target = default;
        return _relayServer?.TryTakeQuestion(out target) == true;
    }

    /// <inheritdoc cref="RelayServer.TryTakePublished"/>
    public bool TryTakePublished([NotNullWhen(true)] out AddressRecord? record)
    {
        record = null;
        return _relayServer?.TryTakePublished(out record) == true;
    }

    /// <inheritdoc cref="RelayServer.HandleFound"/>
    public void HandleFound(NodeId target, AddressRecord? record, TimeSpan now)
    {
        _relayServer?.HandleFound(target, record);
        Settle(now);
    }

    /// <inheritdoc cref="RelayServer.HandleNotAnswered"/>
    public void HandleNotAnswered(NodeId target, TimeSpan now)
    {
        _relayServer?.HandleNotAnswered(target);
        Settle(now);
    }

    /// <summary>What clients used since this was last called, each byte once.</summary>
    public IReadOnlyList<RelayUsage> TakeRelayUsage()
    {
        foreach (var client in _served.Values) { client.CountControl(); }
        return _relayServer?.TakeUsage() ?? [];
    }

    internal void RemoveServedClient(ServedClient client, TimeSpan now)
    {
        if (!_served.Remove(client.Number)) { return; }
        client.CountControl();
        _timers.Remove(client);
        _relayServer!.RemoveClient(client.Number, now);
        CloseLinkOf(client.Quic);
    }

    private void AcceptServedClient(QuicConnection quic, TimeSpan now)
    {
        if (_relayServer is null)
        {
            quic.Close(ControlMessage.Refused, "This node is no relay.", now);
            return;
        }
        var client = new ServedClient(this, _relayServer, quic, now);
        if (client.Number < 0)
        {
            quic.Tag = null;
            quic.Close(ControlMessage.Refused, "The relay takes no more clients.", now);
            return;
        }
        _served.Add(client.Number, client);
        SetTimer(client);
        client.HandleReady(quic, now);
    }

    private void ForwardRelayed(in Link link, Span<byte> run, int start, int segmentSize, EcnCodepoint ecn, TimeSpan now)
    {
        _relayServer!.HandleDatagrams(link, run, segmentSize, now);
        while (_relayServer.TryTakeForward(out var transmit, out var offset)) { _forwards.Enqueue((transmit with { Ecn = ecn }, start + offset)); }
    }

    private void PumpRelayServer(TimeSpan now)
    {
        if (_relayServer is null) { return; }
        while (_relayServer.TryTakeUnverified(out var number, out var link))
        {
            if (_served.TryGetValue(number, out var client)) { client.Verify(link, now); }
        }
        while (_relayServer.TryTakeMessage(out var number, out var type, out var body))
        {
            if (_served.TryGetValue(number, out var client)) { client.Send(type, body.Span); }
        }
        while (_relayServer.TryTakeDisconnect(out var number, out var reason, out var text))
        {
            if (!_served.TryGetValue(number, out var client)) { continue; }
            client.Quic.Tag = null;
            client.Quic.Close(reason is RelayDisconnect.ProtocolError ? ControlMessage.ProtocolError : ControlMessage.Refused, text, now);
            RemoveServedClient(client, now);
        }
    }
}
