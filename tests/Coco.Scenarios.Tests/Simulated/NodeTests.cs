using Coco.Lab.Simulated;
using Coco.Quic.Congestion;
using Coco.Traversal.Links;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>How a node's core is driven.</summary>
public sealed class NodeTests
{
    private readonly SimulatedInternet _internet = new(1);
    private readonly BatchProgram _program = new();
    private readonly SimulatedNode _node;
    private readonly TestSocket _from;

    public NodeTests()
    {
        _node = new SimulatedNode(_internet.AddHost("node", "198.51.100.10"), _program, new() { UdpPort = 4433 }).Start();
        _from = new(_internet.AddHost("sender", "203.0.113.1"));
    }

    [Fact]
    public void Datagrams_of_one_moment_go_in_together_when_they_are_alike()
    {
        foreach (var length in (ReadOnlySpan<int>)[100, 100, 60, 100, 120, 120]) { Send(length); }
        _internet.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal([(260, 100), (100, 100), (240, 120)], _program.Batches);
    }

    [Fact]
    public void No_more_than_64_datagrams_go_in_together()
    {
        for (var i = 0; i < 100; i++) { Send(10); }
        _internet.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal([(640, 10), (360, 10)], _program.Batches);
    }

    [Fact]
    public void Hung_process_hears_what_its_socket_kept_and_what_was_due_when_it_goes_on()
    {
        _node.Act(now => _program.WakeAt(now + TimeSpan.FromSeconds(1)));
        _node.IsHung = true;
        for (var i = 0; i < 100; i++) { Send(10); }
        _internet.RunFor(TimeSpan.FromSeconds(10));
        Assert.Empty(_program.Batches);
        Assert.Null(_program.WokenAt);

        _node.IsHung = false;
        Assert.Equal([(640, 10)], _program.Batches);
        Assert.Equal(_internet.Now, _program.WokenAt);
    }

    [Fact]
    public void Stopped_process_hears_nothing()
    {
        _node.Act(now => _program.WakeAt(now + TimeSpan.FromSeconds(1)));
        Send(10);
        _node.Stop();
        _internet.RunFor(TimeSpan.FromSeconds(10));
        Assert.Empty(_program.Batches);
        Assert.Null(_program.WokenAt);
        Assert.Equal(1, _internet.Trace.Count(TraceVerb.NoSocket));
    }

    [Fact]
    public void Core_is_told_of_sockets_interfaces_and_changes()
    {
        Assert.Equal([4433, 4433], _program.Network!.Sockets.Select(socket => socket.Port));
        Assert.Equal("198.51.100.10", Assert.Single(_program.Network.Interfaces).Address.HostText);
        _node.Host.ChangeAddress("198.51.100.10", "198.51.100.11");
        Assert.Equal("198.51.100.11", Assert.Single(_program.Network.Interfaces).Address.HostText);
        _node.Host.ReportsChanges = false;
        _node.Host.ChangeAddress("198.51.100.11", "198.51.100.12");
        Assert.Equal("198.51.100.11", Assert.Single(_program.Network.Interfaces).Address.HostText);
    }

    [Fact]
    public void Injected_datagram_comes_from_whom_it_says()
    {
        _internet.Inject("192.0.2.66:6", "203.0.113.1:" + _from.Local.Port, [1]);
        _internet.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal("192.0.2.66:6", Assert.Single(_from.Arrived).From.ToString());
    }

    private void Send(int length) => _from.Send(SimulatedInternet.Address("198.51.100.10:4433"), length);

    private sealed class BatchProgram : ISimulatedProgram
    {
        public TimeSpan? Deadline { get; private set; }

        public List<(int Length, int SegmentSize)> Batches { get; } = [];

        public TimeSpan? WokenAt { get; private set; }

        public NetworkSnapshot? Network { get; private set; }

        public void WakeAt(TimeSpan at) => Deadline = at;

        public void HandleNetwork(NetworkSnapshot snapshot, TimeSpan now) => Network = snapshot;

        public void HandleDatagrams(in Link link, Span<byte> data, int segmentSize, EcnCodepoint ecn, TimeSpan now) => Batches.Add((data.Length, segmentSize));

        public void HandleTimeout(TimeSpan now)
        {
            if (now >= Deadline) { (WokenAt, Deadline) = (now, null); }
        }

        public bool TryTakeTransmit(Span<byte> buffer, TimeSpan now, out LinkTransmit transmit)
        {
            transmit = default;
            return false;
        }

        public bool TryTakeCommand(out HostCommand? command)
        {
            command = null;
            return false;
        }
    }
}
