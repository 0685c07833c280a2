using Coco.Cluster.Lookup;
using Coco.Cluster.Membership;
using Coco.Cluster.Members;
using Coco.Cluster.Mesh;
using Coco.Cluster.Statements;

namespace Coco.Cluster.Tests.Members;

public sealed class VisibilityTests
{
    [Theory]
    [InlineData(61, NetworkProfile.Private)]
    [InlineData(62, NetworkProfile.Open)]
    public void No_part_of_a_network_is_told_a_byte_of_another(ulong seed, NetworkProfile profile)
    {
        var heard = new List<(SimulatedNode By, byte[] Frames)>();
        var town = Town.Build(seed, profile, watch: built => built.World.SentTo = (to, frames) => heard.Add((to, frames)));
        town.World.RunFor(30);
        var restarted = town.Parts["red"][1];
        town.World.Crash(restarted);
        town.World.RunFor(5);
        town.World.Restart(restarted);
        town.World.RunFor(30);

        Assert.Contains(heard, one => one.By == town.Parts["red"][0] && Town.Mentions(one.Frames, town.Parts["red"][1], "red1"));
        Assert.Contains(heard, one => one.By == town.Parts["red"][0] && Town.Mentions(one.Frames, town.Core[1], "core1"));
        foreach (var (part, others) in from one in town.Parts from other in town.Parts where one.Key != other.Key select (one.Value, other))
        {
            foreach (var one in part)
            {
                for (var i = 0; i < others.Value.Count; i++)
                {
                    var (other, name) = (others.Value[i], $"{others.Key}{i}");
                    Assert.False(Town.Knows(one, other.Id));
                    Assert.DoesNotContain(heard, said => said.By == one && Town.Mentions(said.Frames, other, name));
                }
            }
        }
    }

    [Fact]
    public void Devices_and_gateways_are_core_and_installs_of_an_app_are_one_part()
    {
        var world = new MemberSimulation(63);
        var owner = world.Create(new() { Name = "home", NodeName = "gateway", App = new("chat"), IsGateway = true });
        world.RunFor(0.1);
        var device = world.Admit(owner, "lamp", isDevice: true);
        var (one, other) = (world.Admit(owner, "one"), world.Admit(owner, "two"));

        Assert.True(owner.Running.Certificate.Admission.SubCluster.IsCore);
        Assert.True(device.Running.Certificate.Admission.SubCluster.IsCore);
        Assert.Equal(new SubClusterId("chat"), one.Running.Certificate.Admission.SubCluster);
        Assert.Equal(one.Running.Certificate.Admission.SubCluster, other.Running.Certificate.Admission.SubCluster);
    }

    [Fact]
    public void In_a_private_network_nobody_is_listed_and_nothing_is_answered()
    {
        var town = Town.Build(64, NetworkProfile.Private);
        town.World.RunFor(20);
        var (asker, sought, keeper) = (town.Parts["red"][0], town.Parts["blue"][0], town.Owner);
        Assert.All(town.Core, node => Assert.Equal(0, node.Running.DirectoryCount));
        var refused = Assert.Throws<MembershipException>(() => asker.Running.LookUp(sought.Id, town.World.Now));
        Assert.Equal(MembershipError.Unknown, refused.Code);

        // Who asks all the same, as in an open network, or says that it is there.
        var addresses = sought.Running.AddressOf(sought.Id)!.Encoded.Span;
        keeper.Running.HandleFrames(sought.Id, Town.Frame(MeshFrameType.DirectoryPublish, DirectoryFrames.Publication((DirectoryPlaces)3, addresses)), town.World.Now);
        keeper.Running.HandleFrames(asker.Id, Town.Frame(MeshFrameType.DirectoryLookup, DirectoryFrames.Question(1, DirectoryKey.Of(sought.Id))), town.World.Now);

        Assert.Equal(0, keeper.Running.DirectoryCount);
        Assert.Empty(Town.Take(keeper, MeshFrameType.DirectoryFound).Frames);
        Assert.False(Town.Knows(asker, sought.Id));
    }

    [Fact]
    public void What_a_member_may_not_see_it_cannot_ask_for()
    {
        var town = Town.Build(65, NetworkProfile.Private);
        var (asker, sought) = (town.Parts["red"][0], town.Parts["blue"][0]);
        var key = new byte[32];
        sought.Id.CopyTo(key);
        foreach (var core in town.Core.Where(core => core.Verified.Contains(asker.Id)))
        {
            core.Running.HandleFrames(asker.Id, Town.Frame(MeshFrameType.CertificatesWanted, key), town.World.Now);
            Assert.Empty(Town.Take(core, MeshFrameType.Certificates).Frames);
            core.Running.HandleFrames(asker.Id, Town.Frame(MeshFrameType.AddressesWanted, key), town.World.Now);
            Assert.Empty(Town.Take(core, MeshFrameType.AddressRecords).Frames);
        }
        Assert.Contains(town.Core, core => core.Verified.Contains(asker.Id) && core.Running.AddressOf(sought.Id) is not null);
    }

    [Fact]
    public void A_network_that_is_made_private_forgets_its_directory()
    {
        var town = Town.Build(66, NetworkProfile.Open);
        town.World.RunFor(20);
        Assert.All(town.Core, static node => Assert.NotEqual(0, node.Running.DirectoryCount));

        var owner = town.Owner.Running;
        var kept = town.Owner.Disk.Values.Where(static row => row.Table is MemberTable.Statements).OrderBy(static row => Convert.ToHexString(row.Value.Span[..8]), StringComparer.Ordinal);
        var log = WelcomeStatements.Load(owner.Network, [.. kept.Select(static row => row.Value[8..])], new());
        var settings = owner.State.Settings!;
        var closed = new StatementAuthor(town.Owner.Keys.User, log).State(new StatementBody.SetSettings(settings.Name, NetworkProfile.Private, settings.Settings), 1);
        byte[] body = [0, 0, .. Town.WithLength(closed.Encoded.Span)];
        town.World.Act(town.Core[1], member =>
        {
            member.HandleFrames(town.Owner.Id, Town.Frame(MeshFrameType.Statements, body), town.World.Now);
            return true;
        });
        town.World.RunFor(5);

        Assert.All(town.Core, static node => Assert.Equal((NetworkProfile.Private, 0), (node.Running.State.Profile, node.Running.DirectoryCount)));
    }
}
