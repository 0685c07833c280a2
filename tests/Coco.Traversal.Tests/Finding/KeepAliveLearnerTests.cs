using Coco.Traversal.Finding;
using Coco.Traversal.Tests.Finding.Model;

namespace Coco.Traversal.Tests.Finding;

public sealed class KeepAliveLearnerTests
{
    [Theory]
    [InlineData(12, 10)]
    [InlineData(20, 15)]
    [InlineData(30, 25)]
    public void It_settles_under_the_lifetime_of_the_mappings(int lifetime, int least)
    {
        var learner = new KeepAliveLearner();
        var deaths = 0;
        for (var i = 0; i < 1000; i++)
        {
            if (learner.Interval.TotalSeconds < lifetime) { learner.HandleSurvived(learner.Interval); }
            else
            {
                deaths++;
                learner.HandleDied(learner.Interval);
            }
        }

        Assert.InRange(learner.Interval.TotalSeconds, Math.Min(least, lifetime * 0.5), lifetime);
        Assert.InRange(deaths, 0, 2);
    }

    [Fact]
    public void It_never_goes_under_ten_seconds_nor_over_110()
    {
        var (unlucky, lucky) = (new KeepAliveLearner(), new KeepAliveLearner());
        for (var i = 0; i < 1000; i++)
        {
            unlucky.HandleDied(TimeSpan.FromSeconds(1));
            lucky.HandleSurvived(lucky.Interval);
        }

        Assert.Equal(KeepAliveLearner.Shortest, unlucky.Interval);
        Assert.InRange(lucky.Interval, TimeSpan.FromSeconds(60), KeepAliveLearner.Longest);
    }

    [Fact]
    public void Short_silences_prove_nothing()
    {
        var learner = new KeepAliveLearner();
        for (var i = 0; i < 1000; i++) { learner.HandleSurvived(TimeSpan.FromSeconds(5)); }

        Assert.Equal(KeepAliveLearner.First, learner.Interval);
    }

    [Fact]
    public void A_finder_tells_whether_its_mapping_survived_a_silence()
    {
        var bench = new FinderBench(isControlling: false).Begin();
        var near = FinderBench.Direct("203.0.113.7:7000");
        bench.Answering[near] = TimeSpan.FromMilliseconds(20);
        bench.Receive(near, bench.Ping());
        bench.Run(1);
        Assert.False(bench.Finder.TryTakeEvidence(out _));

        bench.Run(40); // its standby is asked every 31 s when the peer does not

        Assert.True(bench.Finder.TryTakeEvidence(out var evidence));
        Assert.True(evidence.HasSurvived);
        Assert.InRange(evidence.Silence.TotalSeconds, 25, 35);
    }
}
