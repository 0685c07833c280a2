using System.Buffers;
using System.Buffers.Binary;
using Coco.Crypto;
using Coco.Traversal.Finding;
using Coco.Traversal.Links;

namespace Coco.Traversal.Tests.Finding.Model;

/// <summary>One node: a finder, the model's QUIC, and the NAT it stands behind.</summary>
internal sealed class ModelSide
{
    private readonly ModelWorld _world;
    private readonly byte[] _buffer = new byte[2048];
    private int _nextSocket = 1000;

    public ModelSide(ModelWorld world, bool isControlling, ModelNat nat, PathFinderOptions options, ulong seed)
    {
        _world = world;
        Nat = nat;
        Random = new SeededRandomSource(seed);
        Finder = new(options, Secret, isControlling, Random, Aead, TimeSpan.Zero);
        Quic = new(this, isControlling);
        IsControlling = isControlling;
    }

    public static byte[] Secret { get; } = [.. Enumerable.Range(0, ProbeSealer.SecretLength).Select(static i => (byte)(7 * i))];

    // One for each thread: a backend keeps the last key.
    [field: ThreadStatic]
    public static PacketAead Aead => field ??= PacketAead.ChaCha20Poly1305();

    public bool IsControlling { get; }

    public SeededRandomSource Random { get; }

    public PathFinder Finder { get; }

    public ModelQuic Quic { get; }

    public ModelNat Nat { get; set; }

    public HashSet<int> Sockets { get; } = [0];

    public List<PathAction> Actions { get; } = [];

    public int ProbesSent { get; private set; }

    public List<(TimeSpan At, Link Link, byte HopLimit)> Transmits { get; } = [];

    public bool IsRecording { get; set; }

    public bool IsRelayedNow => Quic.Active.IsRelayed;

    public int TcpPort { get; set; }

    /// <summary>What this node knows of itself, as a host would find out.</summary>
    public LocalSituation Situation(bool isChanged = false)
    {
        var candidates = new List<LocalCandidate> { new(CandidateKind.Host, Nat.Inner, "eth0", Nat.Inner.IsPrivate ? 24 : 32) };
        if (Nat.Translates && Nat.Kind is not NatKind.UdpBlocked && Nat.Out(0, ModelWorld.StunServer) is { } outer) { candidates.Add(new(CandidateKind.ServerReflexive, outer)); }
        if (TcpPort != 0) { candidates.Add(new(CandidateKind.Tcp, Nat.Outer.WithPort(TcpPort))); }
        return new()
        {
            Sockets = [new(0, true, false, Nat.Inner.Port)],
            Candidates = candidates,
            Mapping = Nat.Kind switch
            {
                NatKind.None or NatKind.Firewall => MappingClass.None,
                NatKind.UdpBlocked => MappingClass.Unknown,
                _ => Nat.DependsOnDestination ? MappingClass.Dependent : MappingClass.EndpointIndependent,
            },
            IsUdpBlocked = Nat.Kind is NatKind.UdpBlocked,
            IsNetworkChanged = isChanged,
        };
    }

    public void Send(in PathAddress path, ModelPacket packet, TimeSpan now, byte hopLimit = 0) => _world.Send(this, path, packet, hopLimit, now);

    public void Receive(in PathAddress path, ModelPacket packet, TimeSpan now)
    {
        if (packet.Probe is { } probe) { Finder.HandleProbe(path, (byte[])probe.Clone(), now); }
        else { Quic.Handle(path, packet.Frame!, now); }
    }

    /// <summary>Does what the finder asks until it asks for nothing more.</summary>
    public void Drain(TimeSpan now)
    {
        for (var rounds = 0; ; rounds++)
        {
            Assert.True(rounds < 10_000, "The finder asks without end.");
            var isBusy = false;
            var body = new ArrayBufferWriter<byte>();
            while (Finder.TryTakeSignal(body, out var type))
            {
                isBusy = true;
                Quic.Queue(type, body.WrittenSpan.ToArray(), now);
                body.ResetWrittenCount();
            }
            while (Finder.TryTakeAction(out var action))
            {
                isBusy = true;
                Perform(action!, now);
            }
            while (Finder.TryTakeProbe(_buffer, now, out var transmit))
            {
                isBusy = true;
                SendProbe(transmit, now);
            }
            if (!isBusy) { return; }
        }
    }

    private void SendProbe(in LinkTransmit transmit, TimeSpan now)
    {
        ProbesSent++;
        if (IsRecording) { Transmits.Add((now, transmit.Link, transmit.HopLimit)); }
        var datagram = _buffer.AsSpan(0, transmit.Length);
        if (datagram[0] != FirstByte.Relayed)
        {
            Send(new(transmit.Link), new(datagram.ToArray(), null, transmit.Length), now, transmit.HopLimit);
            return;
        }
        var session = BinaryPrimitives.ReadUInt64BigEndian(datagram[1..]);
        Send(new(transmit.Link, session), new(datagram[FirstByte.RelayedHeaderLength..].ToArray(), null, transmit.Length), now);
    }

    private void Perform(PathAction action, TimeSpan now)
    {
        Actions.Add(action);
        switch (action)
        {
            case PathAction.OpenSockets open:
                var sockets = new LocalSocket[open.Count];
                for (var i = 0; i < sockets.Length; i++)
                {
                    sockets[i] = new(_nextSocket, true, false, _nextSocket);
                    Sockets.Add(_nextSocket++);
                }
                Finder.HandleSocketsOpened(open.Request, sockets, now);
                break;
            case PathAction.CloseSocket close:
                Assert.True(close.Number != 0 && Sockets.Remove(close.Number), "closes what it did not open");
                break;
            case PathAction.OpenTcp tcp: _world.OpenTcp(this, tcp, now); break;
            case PathAction.CloseLink close: _world.CloseTcp(this, close.Link, now); break;
            default: Quic.Perform(action, now); break;
        }
    }
}
