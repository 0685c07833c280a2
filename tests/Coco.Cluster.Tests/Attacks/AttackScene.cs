using Coco.Cluster.Members;
using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.Cluster.Tests.Members;
using Coco.Crypto;
using Coco.Scenarios.Tests.Simulated;

namespace Coco.Cluster.Tests.Attacks;

/// <summary>An owner and an honest member that run, and hostile ones that say whatever a test wants.</summary>
internal sealed class AttackScene
{
    private readonly Dictionary<NodeId, long> _sentTo = [];

    public AttackScene(ulong seed, MemberOptions? options = null, Action<SimulatedNode>? set = null)
    {
        World = new(seed) { Options = options ?? new(), SentToOthers = (peer, frames) => _sentTo[peer] = SentTo(peer) + frames.Length };
        Owner = World.Create(set: static node => node.Log = new());
        World.RunFor(0.1);
        One = World.Admit(Owner, "one", set: node =>
        {
            node.Log = new();
            set?.Invoke(node);
        });
        Assert.True(World.RunUntil(World.AllReachable, 10));
    }

    public MemberSimulation World { get; }

    public SimulatedNode Owner { get; }

    public SimulatedNode One { get; }

    public NetworkId Network => One.Running.Network;

    /// <summary>The statement under which the owner acts.</summary>
    public StatementId OwnersAuthority => One.Running.State.OwnerAuthority;

    /// <summary>What is known to all, as whoever belongs can read it.</summary>
    public MembershipLog Log => WelcomeStatements.Load(Network, Owner.Running.StatementsForNewcomer(), new());

    public long SentTo(NodeId peer) => _sentTo.GetValueOrDefault(peer);

    /// <summary>Somebody the owner has let in.</summary>
    public HostileMember Admit(Role role = Role.Guest, SubClusterId subCluster = default)
    {
        var keys = MemberKeys.Generate(World.Dice.Source);
        var wish = MemberSimulation.WishOf(new(-1, keys), Network, "mallory");
        var admission = World.Act(Owner, member => member.Admit(new(Network, keys.Node.Id, wish, null), new(role, subCluster, 0), World.Now));
        World.RunFor(1);
        return new(this, keys, admission.Certificate);
    }

    /// <summary>Somebody who belongs to nothing.</summary>
    public HostileMember Stranger() => new(this, MemberKeys.Generate(World.Dice.Source), default);

    /// <summary>The next statement of a key in an office, and its place.</summary>
    public Statement Next(IdentityKey key, StatementId authority, StatementBody body, ulong time = 1_800_000_000)
    {
        var tip = Log.TipOf(key.Id);
        return Statement.Sign(key, Network, tip.Count, tip.Last, authority, [], time, body);
    }

    /// <summary>What an honest node holds in memory. Its log and its disk are the test's.</summary>
    public static ObjectCensus CensusOf(SimulatedNode node) => ObjectCensus.Of(typeof(LogRecorder), node.Running);

    /// <summary>Has something done so often, and three times as often again: the second time may add next to nothing.</summary>
    public static void AssertFlat(SimulatedNode victim, int count, Action<int> attack)
    {
        for (var i = 0; i < count; i++) { attack(i); }
        var before = CensusOf(victim);
        for (var i = count; i < 4 * count; i++) { attack(i); }
        var after = CensusOf(victim);
        Assert.True(after.GrowthSince(before, count / 8) is "", after.GrowthSince(before, count / 8));
        Assert.True(after.ArrayGrowthSince(before, count, 64 << 10) is "", after.ArrayGrowthSince(before, count, 64 << 10));
    }
}
