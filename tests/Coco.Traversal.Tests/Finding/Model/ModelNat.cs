using Coco.Crypto;

namespace Coco.Traversal.Tests.Finding.Model;

/// <summary>One NAT (RFC 4787): what it maps and lets in. Mappings live until it is reset.</summary>
internal sealed class ModelNat(NatKind kind, NetworkAddress outer, NetworkAddress inner, ulong seed)
{
    private readonly Dictionary<(int Socket, NetworkAddress Remote), int> _mappings = [];
    private readonly Dictionary<int, int> _sockets = []; // outer port to socket
    private readonly HashSet<(int Port, NetworkAddress Remote)> _permissions = [];
    private readonly SeededRandomSource _random = new(seed);
    private int _nextPort = 40_000;

    public NatKind Kind { get; } = kind;

    /// <summary>The outer address, the port being that of a public host's main socket.</summary>
    public NetworkAddress Outer { get; } = outer;

    public NetworkAddress Inner { get; } = inner;

    public bool Translates => Kind is not (NatKind.None or NatKind.Firewall);

    public bool DependsOnDestination => Kind is NatKind.Symmetric or NatKind.Sequential;

    /// <summary>A packet leaves; where from, as seen outside. Null when it does not.</summary>
    public NetworkAddress? Out(int socket, in NetworkAddress remote)
    {
        if (Kind is NatKind.UdpBlocked) { return null; }
        var key = (socket, DependsOnDestination ? remote : default);
        if (!_mappings.TryGetValue(key, out var port))
        {
            port = !Translates ? (socket == 0 ? Outer.Port : 20_000 + (socket % 40_000)) : Kind is NatKind.Sequential ? _nextPort++ : FreePort();
            _mappings[key] = port;
            _sockets[port] = socket;
        }
        _permissions.Add((port, remote));
        _permissions.Add((port, remote.WithPort(0)));
        return Outer.WithPort(port);
    }

    /// <summary>A packet comes to the outer address; for which socket. Null when it is dropped.</summary>
    public int? In(int port, in NetworkAddress remote)
    {
        if (Kind is NatKind.None) { return port == Outer.Port ? 0 : _sockets.TryGetValue(port, out var open) ? open : null; }
        if (!_sockets.TryGetValue(port, out var socket)) { return null; }
        var isLetIn = Kind switch
        {
            NatKind.Open => true,
            NatKind.AddressRestricted => _permissions.Contains((port, remote.WithPort(0))),
            _ => _permissions.Contains((port, remote)),
        };
        return isLetIn ? socket : null;
    }

    /// <summary>The router restarts: all mappings are gone, new ones get other ports.</summary>
    public void Reset()
    {
        _mappings.Clear();
        _sockets.Clear();
        _permissions.Clear();
        _nextPort += 1000;
    }

    private int FreePort()
    {
        Span<byte> bytes = stackalloc byte[2];
        while (true)
        {
            _random.Fill(bytes);
            var port = 1024 + (((bytes[0] << 8) | bytes[1]) % 64_512);
            if (!_sockets.ContainsKey(port)) { return port; }
        }
    }
}
