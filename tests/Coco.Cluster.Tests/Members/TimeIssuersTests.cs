using Coco.Cluster.Members;
using Coco.Cluster.Statements;
using Coco.Cluster.Tests.Membership;
using Coco.Cluster.Tests.Statements;
using Coco.Cluster.Time;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Members;

/// <summary>Who may move the clocks of a network, by its statements.</summary>
public sealed class TimeIssuersTests
{
    private const ulong Y2026 = 1_780_000_000;
    private const ulong Y2100 = 4_102_444_800;
    private static readonly NodeId Plane = Samples.Key(40).Id;

    private readonly Party _owner = Party.Knowing(1);
    private readonly Party _anna = Party.Knowing(3);
    private readonly Party _bert = Party.Knowing(4);
    private readonly BestTime _time;

    public TimeIssuersTests()
    {
        _owner.MakesAdmin(_anna);
        _owner.MakesAdmin(_bert);
        _anna.Meets(_owner);
        _time = new(new(), new TimeIssuers(_owner.Log), [], default);
    }

    [Fact]
    public void An_admin_who_lists_its_own_key_as_a_control_plane_moves_no_clock()
    {
        Lists(_anna, _anna.Id);
        _time.HandleClaim(_owner.Id, Y2026, isLive: false, default);
        Claims(_anna.Id, Y2100);
        Assert.Equal(Y2026, _time.At(default).UnixSeconds);
        Assert.False(_time.At(default).IsTrusted);
    }

    [Fact]
    public void A_control_plane_that_an_admin_listed_is_one_voice_of_that_admins_line()
    {
        Lists(_anna, Plane, _bert.Id);
        Claims(Plane, Y2100);
        Claims(_anna.Id, Y2100);
        Assert.Equal(0ul, _time.At(default).UnixSeconds);

        Claims(_bert.Id, Y2026); // of another line, and no voice of Anna's by being listed
        Assert.Equal(Y2026 + 600, _time.At(default).UnixSeconds);
    }

    [Fact]
    public void A_control_plane_of_the_owners_is_believed_also_where_an_admin_has_added_another()
    {
        Lists(_owner, Plane);
        _anna.Meets(_owner);
        Lists(_anna, Plane, Samples.Key(41).Id);
        Claims(Samples.Key(41).Id, Y2100);
        Claims(Plane, Y2026);
        Assert.Equal(Y2026, _time.At(default).UnixSeconds);
        Assert.True(_time.At(default).IsTrusted);

        Lists(_anna, Samples.Key(41).Id); // takes the owner's away: it says nothing any more
        _time.HandleIssuersChanged();
        Assert.Equal(0ul, _time.At(default).UnixSeconds);
    }

    private void Lists(Party by, params NodeId[] planes)
    {
        by.Says(new StatementBody.SetControlPlanes([.. planes.Select(static plane => new ControlPlaneEntry(plane, "wss://plane.example"))]));
        _owner.Meets(by);
    }

    private void Claims(NodeId issuer, ulong time) => _time.HandleClaim(issuer, time, isLive: true, default);
}
