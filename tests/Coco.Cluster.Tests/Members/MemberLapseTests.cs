using Coco.Cluster.Grants;
using Coco.Cluster.Membership;

namespace Coco.Cluster.Tests.Members;

/// <summary>What is limited in time, at a device without a clock: it lapses after 24 h unless somebody who may has refreshed it.</summary>
public sealed class MemberLapseTests
{
    private const ulong Start = 1_800_000_000;
    private const double Day = 24 * 3600;

    private readonly MemberSimulation _world = new(81);
    private readonly SimulatedNode _owner;
    private readonly SimulatedNode _admin;
    private readonly SimulatedNode _device;
    private readonly SimulatedNode _guest;

    public MemberLapseTests()
    {
        _owner = _world.Create();
        _world.RunFor(0.1);
        _admin = _world.Admit(_owner, "admin");
        _device = _world.Admit(_owner, "device", set: node => (node.Clock, node.IsClockTrusted) = (5, false));
        _guest = _world.Admit(_owner, "guest", set: node => (node.Clock, node.IsClockTrusted) = (5, false));
        Assert.True(_world.RunUntil(_world.AllReachable, 10));
        _world.Act(_owner, member => member.GrantRole(_admin.Keys.UserId, Role.Admin, _world.Now));
        _world.RunFor(1);
        Grant(until: Start + 1_000_000);
        _world.Crash(_owner);
        _world.Crash(_admin);
    }

    [Fact]
    public void A_grant_lapses_after_24_hours_of_uptime_without_a_clock()
    {
        Reboot();
        _world.RunFor(Day - 60);
        Assert.Equal(GrantOutcome.Granted, Outcome());

        _world.RunFor(120);
        Assert.Equal(GrantOutcome.Lapsed, Outcome());
    }

    [Fact]
    public void It_does_not_once_whoever_gave_it_said_what_time_it_is_until_it_ends_by_that()
    {
        Reboot();
        _world.Restart(_admin);
        _world.Connect(_admin, _device);
        _world.RunFor(5);
        Assert.False(_device.Running.Time(_world.Now).IsTrusted); // one admin is not enough for that
        _world.Crash(_admin);

        _world.RunFor(2 * Day);
        Assert.Equal(GrantOutcome.Granted, Outcome());
        _world.RunFor(10 * Day);
        Assert.NotEqual(GrantOutcome.Granted, Outcome());
    }

    [Fact]
    public void One_that_is_stated_again_holds_for_24_hours_from_then()
    {
        Reboot();
        (_admin.Clock, _admin.IsClockTrusted) = (5, false); // it does not know the time either, and says none
        _world.Restart(_admin);
        _world.Connect(_admin, _device);
        _world.RunFor(20 * 3600);
        Grant(until: Start + 1_000_000);
        _world.Crash(_admin);

        _world.RunFor(20 * 3600);
        Assert.Equal(GrantOutcome.Granted, Outcome());
        _world.RunFor(5 * 3600);
        Assert.Equal(GrantOutcome.Lapsed, Outcome());
    }

    private void Grant(ulong until)
    {
        Assert.True(ResourcePattern.TryParse("door", out var door));
        _world.Act(_admin, member => member.GrantResource(ResourceGrant.ToUser(_guest.Keys.UserId, door, [], until: until), _world.Now));
        _world.RunFor(2);
    }

    private void Reboot()
    {
        _world.Crash(_device);
        _world.RunFor(5);
        _world.Restart(_device);
        _world.Connect(_guest, _device);
        _world.RunFor(5);
    }

    private GrantOutcome Outcome() => _device.Running.CheckGrant(_guest.Id, "door", "open", _world.Now).Outcome;
}
