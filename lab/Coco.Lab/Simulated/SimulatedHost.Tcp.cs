using Coco.Traversal;

namespace Coco.Lab.Simulated;

/// <summary>TCP connections.</summary>
internal sealed partial class SimulatedHost
{
    private readonly Dictionary<(NetworkAddress Local, NetworkAddress Remote), SimulatedTcp> _connections = [];
    private readonly Dictionary<int, Action<SimulatedTcp>> _listeners = [];

    /// <summary>Takes connections at a port, on all addresses. The callback comes with the first packet, before the connection is open.</summary>
    public void Listen(int port, Action<SimulatedTcp> accept) => _listeners.Add(port, accept);

    public void StopListening(int port) => _listeners.Remove(port);

    /// <summary>Begins to open a connection. Null without a route, or when the port is taken for that remote address.</summary>
    /// <param name="remote">Where to.</param>
    /// <param name="port">The port to connect from, 0 for one that the system chooses.</param>
    public SimulatedTcp? Connect(NetworkAddress remote, int port = 0)
    {
        if (!TryRoute(remote, out _, out var local)) { return null; }
        local = local.WithPort(port != 0 ? port : Internet.Random.Next(FirstEphemeralPort, LastEphemeralPort + 1));
        if (_connections.ContainsKey((local, remote))) { return null; }
        var connection = AddConnection(local, remote);
        // Not at once: the caller has callbacks to set.
        Internet.Schedule(Internet.Now, connection.Open);
        return connection;
    }

    private SimulatedTcp? FindConnection(int port, NetworkAddress remote) =>
        TryRoute(remote, out _, out var local) ? _connections.GetValueOrDefault((local.WithPort(port), remote)) : null;

    private SimulatedTcp AddConnection(NetworkAddress local, NetworkAddress remote)
    {
        SimulatedTcp? connection = null;
        connection = new(
            Internet,
            local,
            remote,
            (segment, payload) => SendSegment(local, remote, segment, payload),
            gone =>
            {
                if (_connections.TryGetValue((local, remote), out var current) && current == gone) { _connections.Remove((local, remote)); }
            });
        _connections.Add((local, remote), connection);
        return connection;
    }

    // A connection belongs to the address it was made from: when that has gone, so has the way.
    private void SendSegment(in NetworkAddress local, in NetworkAddress remote, TcpSegment segment, byte[] payload)
    {
        var holder = local.WithPort(0);
        if (!_interfaces.Exists(each => each.Addresses.Contains(holder))) { return; }
        TrySendPacket(PacketProtocol.Tcp, local.Port, remote, payload, default, 0, segment);
    }

    private void HandleTcp(SimulatedPacket packet)
    {
        Internet.Trace.Record(Internet.Now, TraceVerb.Delivered, packet);
        if (packet.Segment is not { } segment) { return; }
        if (_connections.TryGetValue((packet.Destination, packet.Source), out var connection))
        {
            connection.Handle(segment, packet.Payload);
            return;
        }
        if (segment.Kind is TcpSegmentKind.Syn && _listeners.TryGetValue(packet.Destination.Port, out var accept))
        {
            var accepted = AddConnection(packet.Destination, packet.Source);
            accept(accepted);
            accepted.Handle(segment, packet.Payload);
            return;
        }
        if (segment.Kind is not TcpSegmentKind.Reset) { SendSegment(packet.Destination, packet.Source, new(TcpSegmentKind.Reset), []); }
    }
}
