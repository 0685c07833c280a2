namespace Coco.Cluster.Tests.Invitations;

public sealed class SingleUseTests
{
    private static readonly int Runs = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 50_000 : 1_500;

    [Fact]
    public void A_joiner_with_a_ticket_is_let_in()
    {
        var world = new JoinWorld();
        var joiner = world.AddJoiner(10);
        world.RunToEnd(new Random(1));

        Assert.NotNull(joiner.Joined);
        Assert.Equal([[1, 2, 3], [4]], joiner.Joined.Statements.Select(statement => statement.ToArray()));
    }

    [Fact]
    public void Of_two_joiners_with_one_ticket_exactly_one_wins_whatever_the_order_and_whenever_the_sponsor_crashes()
    {
        for (var seed = 0; seed < Runs; seed++)
        {
            var random = new Random(seed);
            var world = new JoinWorld();
            var (one, other) = (world.AddJoiner(10), world.AddJoiner(11));
            Wander(world, random, crashes: random.Next(4));
            world.RunToEnd(random);
            AssertOneWon(world, one, other, random, seed);
        }
    }

    [Fact]
    public void A_crash_after_any_step_leaves_one_winner()
    {
        for (var step = 0; step < 24; step++)
        {
            for (var seed = 0; seed < 20; seed++)
            {
                var random = new Random(seed);
                var world = new JoinWorld();
                var (one, other) = (world.AddJoiner(10), world.AddJoiner(11));
                for (var i = 0; i < step && world.Steps() is { Count: > 0 } steps; i++) { steps[random.Next(steps.Count)](); }
                world.Crash();
                world.RunToEnd(random);
                AssertOneWon(world, one, other, random, seed);
            }
        }
    }

    private static void Wander(JoinWorld world, Random random, int crashes)
    {
        for (var i = 0; i < 40; i++)
        {
            var steps = world.Steps();
            if (world.Crashes < crashes && random.Next(8) == 0) { world.Crash(); }
            else if (steps.Count > 0) { steps[random.Next(steps.Count)](); }
            else { world.LetTimePass(); }
        }
    }

    private static void AssertOneWon(JoinWorld world, WorldJoiner one, WorldJoiner other, Random random, int seed)
    {
        Assert.True(one.Joined is null ^ other.Joined is null, $"seed {seed}: {one.Joined} {one.Failed} / {other.Joined} {other.Failed}");
        var winner = one.Joined is null ? other : one;

        var again = world.AddJoiner(winner == one ? 10 : 11);
        world.RunToEnd(random);
        Assert.True(again.Joined?.Certificate.Span.SequenceEqual(winner.Joined!.Certificate.Span), $"seed {seed}: the winner got another certificate");

        var late = world.AddJoiner(winner == one ? 11 : 10);
        world.RunToEnd(random);
        Assert.Equal(Coco.Cluster.Invitations.JoinRefusal.Used, late.Failed);
    }
}
