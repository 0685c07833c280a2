using Coco.Lab.Simulated;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>What cables do to packets.</summary>
public sealed class CableTests
{
    private readonly SimulatedInternet _internet = new(7);
    private readonly SimulatedHost _a;
    private readonly SimulatedHost _b;
    private readonly TestSocket _from;
    private readonly TestSocket _to;

    public CableTests()
    {
        (_a, _b) = (_internet.AddHost("a", "203.0.113.1"), _internet.AddHost("b", "203.0.113.2"));
        (_from, _to) = (new(_a), new(_b, 5000));
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.05)]
    [InlineData(0.2)]
    public void Loss_is_as_asked_for(double loss)
    {
        Change(options => options with { Loss = loss });
        Assert.InRange(1 - (SendNumbered(20_000).Count / 20_000.0), loss * 0.85, loss * 1.15);
    }

    [Fact]
    public void Losses_come_in_runs_of_the_length_asked_for()
    {
        Change(options => options with { Loss = 0.05, LossRun = 4 });
        const int Count = 50_000;
        var arrived = SendNumbered(Count);
        var runs = arrived.Zip(arrived.Skip(1), (one, next) => next - one - 1).Where(gap => gap > 0).ToArray();
        Assert.InRange(1 - (arrived.Count / (double)Count), 0.04, 0.06);
        Assert.InRange(runs.Average(), 3.5, 4.5);
    }

    [Fact]
    public void Jitter_keeps_the_order()
    {
        Change(options => options with { Jitter = TimeSpan.FromMilliseconds(10) });
        var arrived = SendNumbered(1000);
        Assert.Equal(Enumerable.Range(0, 1000), arrived);
    }

    [Fact]
    public void Reordering_and_doubling_happen_as_often_as_asked_for()
    {
        Change(options => options with { Reorder = 0.02, Duplicate = 0.02, Delay = TimeSpan.FromMilliseconds(20) });
        var arrived = SendNumbered(20_000);
        Assert.InRange(arrived.Count, 20_300, 20_500);
        Assert.InRange(arrived.Zip(arrived.Skip(1), (one, next) => next < one).Count(isBack => isBack), 300, 1000);
    }

    [Fact]
    public void Slow_cable_passes_its_rate_and_drops_what_its_queue_does_not_hold()
    {
        Change(options => options with { BytesPerSecond = 125_000, MaxQueue = TimeSpan.FromMilliseconds(50), Delay = TimeSpan.Zero });
        // 1,000 bytes with headers take 8 ms.
        for (var i = 0; i < 20; i++) { _from.Send(_b.Address.WithPort(5000), 972); }
        _internet.RunFor(TimeSpan.FromMilliseconds(44));
        Assert.Equal(5, _to.Arrived.Count);
        _internet.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(7, _to.Arrived.Count);
        Assert.Equal(13, _internet.Trace.Count(TraceVerb.QueueFull));
    }

    [Theory]
    [InlineData(true, "203.0.113.2", 1252)]
    [InlineData(false, "203.0.113.2", 1252)]
    [InlineData(true, "2001:db8::2", 1232)]
    [InlineData(false, "2001:db8::2", 1232)]
    public void Small_mtu_loses_the_first_and_then_refuses_or_is_a_black_hole(bool isReported, string address, int largest)
    {
        var (a, b) = (_internet.AddHost("c", "203.0.113.3", "2001:db8::1"), _internet.AddHost("d", "203.0.113.4", "2001:db8::2"));
        var isIpv4 = address.Contains('.');
        var (from, to) = isIpv4 ? (_from, _to) : (new TestSocket(a, isIpv4: false), new TestSocket(b, 5000, isIpv4: false));
        var (sender, receiver) = isIpv4 ? (_a, _b) : (a, b);
        receiver.Interfaces[0].Cable.Change(options => options with { Mtu = 1280, ReportsTooBig = isReported });
        var at = SimulatedInternet.Address(address).WithPort(5000);

        Assert.True(from.Reaches(to, at, largest));
        Assert.True(from.Send(at, largest + 1), "the first is sent, and lost");
        _internet.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(!isReported, from.Send(at, largest + 1));
        Assert.Equal(isReported ? 1 : 0, sender.RefusedAsTooBig);
        Assert.True(from.Reaches(to, at, largest));
    }

    [Fact]
    public void Own_interface_refuses_at_once_what_it_cannot_carry()
    {
        _a.Interfaces[0].Cable.Change(options => options with { Mtu = 1400 });
        Assert.False(_from.Send(_b.Address.WithPort(5000), 1373));
        Assert.True(_from.Reaches(_to, _b.Address.WithPort(5000), 1372));
    }

    [Fact]
    public void Own_cable_may_be_a_black_hole_that_nobody_knows_of()
    {
        Change(options => options with { Mtu = 628, ReportsTooBig = false });
        Assert.Equal(1500, Assert.Single(_a.Snapshot([]).Interfaces).Mtu);
        Assert.True(_from.Send(_b.Address.WithPort(5000), 601));
        Assert.True(_from.Reaches(_to, _b.Address.WithPort(5000), 600));
        Assert.Single(_to.Arrived);
    }

    [Fact]
    public void Packet_too_big_finds_its_way_back_through_a_nat()
    {
        var home = SimulatedHome.Add(_internet, Lab.Nat.NatKind.PortPreserving, 9);
        home.Router!.Outside.Change(options => options with { Mtu = 1280 });
        var socket = new TestSocket(home.Host);
        Assert.False(socket.Reaches(_to, _b.Address.WithPort(5000), 1253));
        Assert.False(socket.Send(_b.Address.WithPort(5000), 1253));
    }

    [Fact]
    public void One_way_block_stops_one_direction()
    {
        var back = _from.SeenBy(_to);
        _a.Interfaces[0].Cable.Down.Options = new() { IsBlocked = true };
        Assert.True(_from.Reaches(_to, _b.Address.WithPort(5000)));
        Assert.False(_to.Reaches(_from, back));
    }

    [Fact]
    public void Pulled_cable_loses_what_is_under_way_and_works_again()
    {
        var at = _b.Address.WithPort(5000);
        _from.Send(at);
        _a.Interfaces[0].Cable.IsUnplugged = true;
        _internet.RunFor(TimeSpan.FromSeconds(1));
        Assert.Empty(_to.Arrived);
        _a.Interfaces[0].Cable.IsUnplugged = false;
        Assert.True(_from.Reaches(_to, at));
    }

    [Theory]
    [InlineData(3, 3, false)]
    [InlineData(3, 4, true)]
    public void Packet_dies_at_the_router_that_its_hop_limit_does_not_reach_past(int routers, byte hopLimit, bool arrives)
    {
        var internet = new SimulatedInternet(1, routers);
        var (a, b) = (internet.AddHost("a", "203.0.113.1"), internet.AddHost("b", "203.0.113.2"));
        var (from, to) = (new TestSocket(a), new TestSocket(b, 5000));
        Assert.Equal(arrives, from.Reaches(to, b.Address.WithPort(5000), hopLimit: hopLimit));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    public void Nat_remembers_a_packet_that_dies_behind_it_but_not_one_that_dies_in_it(byte hopLimit, int flows)
    {
        var home = SimulatedHome.Add(_internet, Lab.Nat.NatKind.PortPreserving, 9);
        Assert.False(new TestSocket(home.Host).Reaches(_to, _b.Address.WithPort(5000), hopLimit: hopLimit));
        Assert.Equal(flows, home.Router!.FlowCount);
        Assert.Equal(1, _internet.Trace.Count(TraceVerb.HopLimit));
    }

    private void Change(Func<CableOptions, CableOptions> change) => _a.Interfaces[0].Cable.Up.Options = change(_a.Interfaces[0].Cable.Up.Options);

    private List<int> SendNumbered(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _from.Send(_b.Address.WithPort(5000), BitConverter.GetBytes(i));
            _internet.RunFor(TimeSpan.FromMilliseconds(1));
        }
        _internet.RunFor(TimeSpan.FromSeconds(1));
        return [.. _to.Arrived.Select(each => BitConverter.ToInt32(each.Data))];
    }
}
