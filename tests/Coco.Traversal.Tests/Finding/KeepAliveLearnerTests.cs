using Coco.Traversal.Finding;
using Coco.Traversal.Tests.Finding.Model;

namespace Coco.Traversal.Tests.Finding;

public sealed class KeepAliveLearnerTests
{
    [Theory]
    [InlineData(10, 10, 10)]
    [InlineData(15, 10, 14)]
    [InlineData(30, 25, 25)]
    [InlineData(60, 32, 50)]
    [InlineData(120, 61, 100)]
    [InlineData(300, 80, 80)]
    public void Trials_lead_to_an_interval_under_the_lifetime_of_the_mappings(int lifetime, int least, int most)
    {
        var learner = new KeepAliveLearner();
        var trials = 0;
        while (learner.NextTrial is { } silence)
        {
            if (silence.TotalSeconds < lifetime) { learner.HandleSurvived(); }
            else { learner.HandleExpired(); }
            trials++;
        }

        Assert.InRange(learner.Interval.TotalSeconds, least, most);
        Assert.InRange(trials, 1, 4);
    }

    [Fact]
    public void A_lost_mapping_halves_the_interval_at_once_and_delays_what_could_lengthen_it()
    {
        var learner = new KeepAliveLearner();
        while (learner.NextTrial is not null) { learner.HandleSurvived(); }

        learner.HandleLost(learner.Interval, TimeSpan.FromMinutes(1));
        Assert.Equal((KeepAliveLearner.Longest / 2, TimeSpan.FromMinutes(11)), (learner.Interval, learner.TrialsFrom));
        learner.HandleLost(learner.Interval, TimeSpan.FromMinutes(2));
        Assert.Equal((KeepAliveLearner.Longest / 4, TimeSpan.FromMinutes(22)), (learner.Interval, learner.TrialsFrom));
        for (var i = 0; i < 100; i++) { learner.HandleLost(learner.Interval, TimeSpan.FromMinutes(3)); }
        Assert.Equal(KeepAliveLearner.Shortest, learner.Interval);

        while (learner.NextTrial is not null) { learner.HandleSurvived(); }
        Assert.Equal(KeepAliveLearner.Longest, learner.Interval);
    }

    [Fact]
    public void A_mapping_that_ended_after_a_much_longer_silence_says_nothing()
    {
        var learner = new KeepAliveLearner();
        learner.HandleLost(TimeSpan.FromMinutes(5), TimeSpan.Zero);

        Assert.Equal((KeepAliveLearner.First, TimeSpan.Zero), (learner.Interval, learner.TrialsFrom));
    }

    [Fact]
    public void A_peer_that_sees_the_same_address_after_a_silence_lengthens_nothing()
    {
        var bench = new FinderBench(isControlling: false).Begin();
        var near = FinderBench.Direct("203.0.113.7:7000");
        bench.Answering[near] = TimeSpan.FromMilliseconds(20);
        bench.Receive(near, bench.Ping());
        bench.Run(100);

        Assert.False(bench.Finder.TryTakeEvidence(out _));
    }
}
