using Coco.Quic.Congestion;
using Coco.Quic.Connections;
using Coco.Quic.Paths;

namespace Coco.Quic.Tests.Simulation;

/// <summary>One random run: a handshake, some dozens of operations of both sides while the link changes under them, and then all
/// that was begun must come to its end.</summary>
internal sealed class RandomUse : IDisposable
{
    private const int PathCount = 5; // the client's and the server's own choices
    private const ulong CloseCode = 4711;

    private readonly Random _random;
    private readonly SimulatedPair _pair;
    private readonly NatTable _nat = new();
    private readonly Dictionary<(long, int), UseStream> _streams = [];
    private UseSide[] _sides = [];

    public RandomUse(int seed)
    {
        _random = new Random(seed);
        // A client that is silent while its NAT forgets it can only be found again when it speaks.
        var options = RandomOptions() with { KeepAlive = TimeSpan.FromSeconds(_random.Next(1, 5)) };
        var serverOptions = RandomOptions();
        var validation = _random.Next(4) == 0 ? AddressValidation.Always : AddressValidation.Never;
        var issuesTokens = _random.Next(2) == 0;
        _pair = new SimulatedPair(
            (ulong)seed,
            RandomLink(),
            client => client with { Connection = options },
            server => server with { Connection = serverOptions, AddressValidation = validation, IssueTokens = issuesTokens });
        _pair.Network.Translate = _nat.Translate;
        _pair.Network.Filter = (side, path, _) => _nat.Translate(side, path).Value >= 0;
    }

    private SimulatedNetwork Network => _pair.Network;

    public void Run()
    {
        Require(_pair.TryConnect(TimeSpan.FromMinutes(5)), $"the handshake did not complete: client {_pair.Client.State} {_pair.Client.CloseReason}, server {_pair.Server?.State} {_pair.Server?.CloseReason}");
        _sides = [new(0, _pair.Client, _random, _streams), new(1, _pair.Server!, _random, _streams)];
        var operations = 20 + _random.Next(40);
        var closesAt = _random.Next(10) == 0 ? _random.Next(operations) : -1;
        for (var i = 0; i < operations; i++)
        {
            if (i == closesAt) { CloseMidway(); return; }
            Operate(_sides[_random.Next(2)]);
            RunFor(TimeSpan.FromTicks(_random.NextInt64(TimeSpan.TicksPerSecond / 10)));
        }
        Complete();
        Agree();
        Close(_sides[_random.Next(2)]);
        CheckReleased();
    }

    public void Dispose() => _pair.Dispose();

    private QuicOptions RandomOptions() => new()
    {
        IdleTimeout = TimeSpan.FromMinutes(20),
        HandshakeTimeout = TimeSpan.FromMinutes(5),
        KeepAlive = _random.Next(4) == 0 ? TimeSpan.FromSeconds(_random.Next(1, 5)) : TimeSpan.Zero,
        Congestion = (CongestionAlgorithm)_random.Next(3),
        Ecn = _random.Next(4) != 0,
        ProbePathMtu = _random.Next(4) != 0,
        ActiveConnectionIdLimit = 2 + _random.Next(4),
        MaxPaths = 2 + _random.Next(4),
        MaxAckRanges = 8 + _random.Next(100),
        SymmetricMigration = _random.Next(5) != 0,
        Streams = new()
        {
            InitialStreamWindow = 1024 << _random.Next(8),
            InitialConnectionWindow = 2048 << _random.Next(8),
            MaxBidirectionalStreams = 1 + _random.Next(20),
            MaxUnidirectionalStreams = 1 + _random.Next(20),
            SendBufferSize = 1024 << _random.Next(8),
        },
    };

    private LinkOptions RandomLink() => new()
    {
        Delay = TimeSpan.FromMilliseconds(1 + _random.Next(_random.Next(2) == 0 ? 20 : 200)),
        Loss = _random.Next(3) == 0 ? 0 : _random.NextDouble() * 0.3,
        Reorder = _random.Next(3) == 0 ? 0 : _random.NextDouble() * 0.3,
        Duplicate = _random.Next(3) == 0 ? 0 : _random.NextDouble() * 0.1,
        Corrupt = _random.Next(3) == 0 ? 0 : _random.NextDouble() * 0.05,
        BytesPerSecond = _random.Next(2) == 0 ? 0 : 20_000 + _random.Next(1_000_000),
        MaxQueue = TimeSpan.FromMilliseconds(20 + _random.Next(200)),
        Mtu = _random.Next(3) == 0 ? 1500 : 1200 + _random.Next(301),
    };

    private void Operate(UseSide side)
    {
        var connection = side.Connection;
        switch (_random.Next(24))
        {
            case <= 4: side.TryOpen(bidirectional: _random.Next(2) == 0); break;
            case <= 8: WithStream(side, side.Extend); break;
            case <= 10: WithStream(side, side.Finish); break;
            case 11: WithStream(side, side.Reset); break;
            case 12: WithStream(side, side.Stop); break;
            case 13: WithStream(side, id => connection.SetPriority(id, (byte)_random.Next(8), _random.Next(2) == 0)); break;
            case <= 15: side.SendDatagram(); break;
            case 16: connection.TryProbePath(Network.Path(1 + _random.Next(PathCount)), Network.Now); break;
            case 17: SwitchPath(side); break;
            case 18: MigrateBoth(); break;
            case 19: _nat.Rebind(_pair.Client.ActivePath); break;
            case 20: connection.TryUpdateKeys(); break;
            case 21: connection.Ping(); break;
            case 22: connection.TryRemovePath(new PathId(1 + _random.Next(PathCount))); break;
            case 23: Network.Link = RandomLink(); break;
        }
    }

    private void WithStream(UseSide side, Action<long> action)
    {
        if (side.Open.Count > 0) { action(side.Open.ElementAt(_random.Next(side.Open.Count))); }
    }

    private void SwitchPath(UseSide side)
    {
        if (side.Validated.Count == 0) { return; }
        var path = side.Validated[_random.Next(side.Validated.Count)];
        side.Connection.TrySwitchPath(path, Network.Now, abandonOld: _random.Next(2) == 0);
    }

    private void MigrateBoth()
    {
        foreach (var side in _sides) { side.Connection.TryProbePath(Network.Path(1 + _random.Next(PathCount)), Network.Now); }
        RunFor(TimeSpan.FromMilliseconds(500));
        foreach (var side in _sides) { SwitchPath(side); }
    }

    private void Complete()
    {
        foreach (var side in _sides)
        {
            foreach (var id in side.Open.ToArray()) { side.Finish(id); }
        }
        var isDone = Network.RunUntil(
            () =>
            {
                Pump(eager: true);
                foreach (var side in _sides)
                {
                    foreach (var id in side.Open) { side.Finish(id); }
                }
                return _sides[0].IsIdle && _sides[1].IsIdle && _streams.Keys.All(key => Reached(key.Item1));
            },
            TimeSpan.FromMinutes(15));
        Require(isDone, "a stream did not come to its end: " + Describe());
        foreach (var stream in _streams.Values) { stream.CheckEnd(); }

        // A stream counts as done where both sides have closed it; one that the peer has not heard of yet is still open here.
        bool Reached(long id) => !_sides[0].Open.Contains(id) && !_sides[1].Open.Contains(id);
    }

    /// <summary>On a link that has become good, both sides end up sending on the two ends of one path.</summary>
    private void Agree()
    {
        Network.Link = new();
        foreach (var side in _sides) { side.Connection.Ping(); }
        RunFor(TimeSpan.FromSeconds(60));
        foreach (var side in _sides) { side.Connection.Ping(); }
        RunFor(TimeSpan.FromSeconds(60));
        var (client, server) = (_pair.Client.ActivePath, _pair.Server!.ActivePath);
        Require(_nat.Outside(client) == server, $"the client sends on path {client.Value}, outside {_nat.Outside(client).Value}, the server on {server.Value}");
    }

    private void CloseMidway()
    {
        var side = _sides[_random.Next(2)];
        side.Connection.Close(CloseCode, "enough", Network.Now);
        Require(Network.RunUntil(() => { Pump(eager: true, mayClose: true); return _pair.Client.State == ConnectionState.Closed && _pair.Server!.State == ConnectionState.Closed; }, TimeSpan.FromHours(2)), "a closed connection lives on: " + Describe());
        Require(side.Connection.CloseReason is { Kind: CloseKind.LocalApplication, Code: CloseCode }, "the reason of the side that closed is wrong");
        // The close may get lost on its way every time: the peer then learns of it by its idle timeout, or by a stateless reset.
        var other = _sides[0] == side ? _sides[1] : _sides[0];
        Require(
            other.Connection.CloseReason is { Kind: CloseKind.PeerApplication, Code: CloseCode } or { Kind: CloseKind.StatelessReset or CloseKind.IdleTimeout },
            "the other side ended with " + other.Connection.CloseReason);
        CheckReleased();
    }

    private void Close(UseSide side)
    {
        side.Connection.Close(CloseCode, "done", Network.Now);
        Require(
            Network.RunUntil(() => _pair.Client.State == ConnectionState.Closed && _pair.Server!.State == ConnectionState.Closed, TimeSpan.FromHours(2)),
            "a closed connection lives on: " + Describe());
        var other = _sides[0] == side ? _sides[1] : _sides[0];
        Require(other.Connection.CloseReason is { Kind: CloseKind.PeerApplication, Code: CloseCode }, "the other side ended with " + other.Connection.CloseReason);
    }

    private void CheckReleased()
    {
        _pair.Client.Dispose();
        _pair.Server!.Dispose();
        foreach (var endpoint in Network.Endpoints)
        {
            Require(endpoint.Pool.RentedBlocks == 0, $"{endpoint.Pool.RentedBlocks} blocks were not given back");
            Require(endpoint.ConnectionCount == 0 && endpoint.TableSize == 0, $"{endpoint.ConnectionCount} connections and {endpoint.TableSize} table entries are left");
        }
    }

    private void RunFor(TimeSpan time)
    {
        var end = Network.Now + time;
        while (true)
        {
            Pump(eager: false);
            if (!Network.TryStep(end)) { return; }
        }
    }

    private void Pump(bool eager, bool mayClose = false)
    {
        foreach (var side in _sides)
        {
            side.Pump(eager);
            Require(mayClose || !side.IsClosed, $"{(side.Connection.IsClient ? "client" : "server")} closed: {side.Connection.CloseReason}");
        }
    }

    private string Describe() =>
        $"at {Network.Now}: client {_pair.Client.State} on {_pair.Client.ActivePath.Value} {_pair.Client.CloseReason} open [{string.Join(',', _sides[0].Open)}], server {_pair.Server?.State} on {_pair.Server?.ActivePath.Value} {_pair.Server?.CloseReason} open [{string.Join(',', _sides[1].Open)}], link {Network.Link}";

    private static void Require(bool condition, string message)
    {
        if (!condition) { throw new InvalidOperationException(message); }
    }
}
