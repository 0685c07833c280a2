using System.Net;
using System.Net.Sockets;
using Coco.Quic.Congestion;
using Coco.Transport.Network;
using Coco.Transport.Udp;
using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Transport.Loop;

/// <summary>Sockets, and datagrams in and out.</summary>
internal sealed partial class EndpointLoop
{
    // Chosen: receives from a socket before acknowledgements and data go out; each may hold 45 packets.
    private const int MaxReceivesPerTurn = 4;

    private const int MaxPortChoices = 8; // chosen: a port free for UDP and taken for TCP is rare, eight in a row are not chance

    private readonly HostNetwork _network;
    private readonly UdpPoller _poller;
    private readonly List<UdpChannel> _channels = []; // those that serve all connections
    private readonly Dictionary<int, UdpChannel> _byNumber = [];
    private readonly byte[] _receiveBuffer = GC.AllocateUninitializedArray<byte>(UdpChannel.ReceiveBufferSize, pinned: true);
    private readonly byte[] _sendBuffer = GC.AllocateUninitializedArray<byte>(UdpChannel.MaxBatchBytes, pinned: true);
    private int _lastNumber;
    private LinkTransmit _unsent;
    private int _unsentOffset;

    /// <summary>Where the sockets are bound that serve all connections.</summary>
    public IReadOnlyList<IPEndPoint> LocalEndPoints => [.. _channels.Select(channel => channel.LocalEndPoint)];

    /// <summary>Closes the sockets. The loop does so when it ends; otherwise only where it never started.</summary>
    public void Dispose()
    {
        Core.Dispose();
        foreach (var channel in _byNumber.Values) { channel.Dispose(); }
        _byNumber.Clear();
        _poller?.Dispose();
    }

    // TCP on the port of UDP, so that who knows one knows the other. The system looks only whether the port it chooses is free for UDP.
    private void Listen(IReadOnlyList<IPEndPoint> addresses)
    {
        var mayChoose = addresses.All(static address => address.Port == 0);
        var aside = new List<UdpChannel>(); // open until another port is found: else it would be chosen again
        try
        {
            for (var choice = 1; ; choice++)
            {
                Bind(addresses);
                if (!Options.UseTcp || TryListenTcp(out var refusal)) { return; }
                if (!mayChoose || choice == MaxPortChoices)
                {
                    Logger.TcpUnavailable(_channels[0].LocalEndPoint, refusal);
                    return;
                }
                SetAside(aside);
            }
        }
        finally
        {
            foreach (var channel in aside) { channel.Dispose(); }
        }
    }

    private void SetAside(List<UdpChannel> aside)
    {
        foreach (var channel in _channels)
        {
            _poller.Remove(channel);
            _byNumber.Remove(channel.Number);
            aside.Add(channel);
        }
        _channels.Clear();
    }

    private void Bind(IReadOnlyList<IPEndPoint> addresses)
    {
        foreach (var address in addresses) { AddChannel(_network.CreateUdp(address, Options.Udp)); }
        if (addresses.Count > 0) { return; }
        try
        {
            AddChannel(_network.CreateUdp(new(IPAddress.IPv6Any, 0), Options.Udp));
        }
        catch (SocketException)
        {
            AddChannel(_network.CreateUdp(new(IPAddress.Any, 0), Options.Udp)); // a system without IPv6
        }
    }

    private void AddChannel(UdpChannel channel)
    {
        Watch(channel);
        _channels.Add(channel);
    }

    private void Watch(UdpChannel channel)
    {
        channel.Number = ++_lastNumber;
        _byNumber.Add(channel.Number, channel);
        _poller.Add(channel);
    }

    private static LocalSocket ToLocalSocket(UdpChannel channel) => new(channel.Number, channel.IsIpv4, channel.IsIpv6, channel.LocalEndPoint.Port);

    /// <summary>Raised on the loop when the interfaces have been read anew. Who hears it returns soon and does not throw.</summary>
    public event EventHandler? NetworkRead;

    private void OnNetworkChanged(object? sender, EventArgs arguments) => Post(new NetworkChange(this));

    private void SetNetwork()
    {
        var sockets = _channels.Select(ToLocalSocket).ToArray();
        var interfaces = InterfacesOfSockets()
            .Where(address => Options.Policy.AllowsInterface(address.InterfaceName))
            .Take(SystemInterfaces.MaxAddresses)
            .ToArray();
        Logger.NetworkRead(sockets.Length, interfaces.Length);
        Core.HandleNetwork(new(sockets, interfaces, _links.TcpPort), Now);
        NetworkRead?.Invoke(this, EventArgs.Empty);
    }

    // Where all are bound to one address each, nothing arrives by any other, and peers are told those alone: loopback, too, whose peers are on this machine.
    private IReadOnlyList<InterfaceAddress> InterfacesOfSockets()
    {
        var bound = _channels.ConvertAll(static channel => channel.LocalEndPoint.ToNetworkAddress().WithPort(0));
        if (bound.Count == 0 || bound.Exists(static address => address.IsUnspecified)) { return _network.GetInterfaces(); }
        var known = bound.TrueForAll(static address => address.IsLoopback) ? [] : _network.GetInterfaces();
        return [.. bound.Distinct().Select(address => known.Where(own => own.Address.HasSameHost(address)).DefaultIfEmpty(Unlisted(address)).First())];
    }

    // Loopback, which no list has, or an address that came after the list was read.
    private static InterfaceAddress Unlisted(NetworkAddress address) =>
        new(address, address is { IsLoopback: true, IsIpv4: true } ? 8 : address.IsIpv4 ? 32 : 128, 0, "", HasDefaultRoute: true);

    // Takes what has arrived, and answers how many batches there were.
    private int Receive()
    {
        var received = 0;
        if (_extra.Count == 0)
        {
            foreach (var channel in _channels) { received += Receive(channel); }
            return received;
        }
        // Some hundred sockets, few of which have anything.
        _poller.Wait(TimeSpan.Zero);
        foreach (var channel in _poller.Ready) { received += Receive(channel); }
        return received;
    }

    private int Receive(UdpChannel channel)
    {
        var received = 0;
        while (received < MaxReceivesPerTurn && channel.TryReceive(_receiveBuffer, out var batch))
        {
            received++;
            if (batch.Length == 0) { continue; } // an empty datagram says nothing in any of our protocols
            TransportMetrics.Received(batch.Length);
            Core.HandleDatagrams(
                new(LinkKind.Udp, channel.Number, batch.Remote), _receiveBuffer.AsSpan(0, batch.Length), batch.SegmentSize, (EcnCodepoint)batch.Ecn, Now);
            Forward(_receiveBuffer.AsSpan(0, batch.Length));
        }
        return received;
    }

    // Sends all that waits. False when a socket takes no more for now.
    private bool Flush()
    {
        if (_unsent.Length > 0 && !SendRest()) { return false; }
        while (Core.TryTakeTransmit(_sendBuffer, Now, out _unsent))
        {
            _unsentOffset = 0;
            if (!SendRest()) { return false; }
        }
        CompleteFlushed();
        return true;
    }

    private bool SendRest()
    {
        if (_unsent.Link.IsReliable)
        {
            TransportMetrics.Sent(_unsent.Length);
            _links.TrySend(_unsent.Link, _sendBuffer.AsSpan(0, _unsent.Length), _unsent.SegmentSize, out var isFull);
            if (isFull) { Core.HandleLinkFull(_unsent.Link, Now); }
        }
        else if (_byNumber.TryGetValue(_unsent.Link.Number, out var channel))
        {
            while (_unsentOffset < _unsent.Length)
            {
                var rest = _sendBuffer.AsSpan(_unsentOffset, _unsent.Length - _unsentOffset);
                var result = channel.Send(_unsent.Link.Remote, rest, _unsent.SegmentSize, (Ecn)_unsent.Ecn, _unsent.HopLimit, out var sent);
                _unsentOffset += sent;
                TransportMetrics.Sent(sent);
                if (result == SendResult.WouldBlock) { return false; }
                if (result is SendResult.TooBig or SendResult.Error)
                {
                    TransportMetrics.Refused(); // to the connection, these packets are lost
                    break;
                }
            }
        }
        _unsent = default;
        return true;
    }

    private void WaitForSockets(TimeSpan wait, bool isBlocked)
    {
        var blocked = isBlocked && _byNumber.TryGetValue(_unsent.Link.Number, out var channel) ? channel : null;
        if (blocked is not null) { _poller.WatchRoom(blocked, watch: true); }
        _poller.Wait(wait);
        if (blocked is not null) { _poller.WatchRoom(blocked, watch: false); }
    }

    private sealed class NetworkChange(EndpointLoop loop) : ILoopItem
    {
        public void Run(TimeSpan now)
        {
            loop.Logger.NetworkChanged();
            loop.SetNetwork();
        }

        public void Refuse()
        {
        }
    }
}
