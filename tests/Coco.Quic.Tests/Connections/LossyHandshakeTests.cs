using Coco.Quic.Tests.Simulation;

namespace Coco.Quic.Tests.Connections;

public sealed class LossyHandshakeTests(ITestOutputHelper output)
{
    [Fact] // the interop runner's handshakeloss: 30 % of datagrams, each way
    public void Handshakes_complete_though_a_third_of_the_datagrams_is_lost()
    {
        const int Count = 500;
        var times = new List<TimeSpan>();
        for (var seed = 1UL; seed <= Count; seed++)
        {
            using var pair = new SimulatedPair(seed, new LinkOptions { Loss = 0.3, Delay = TimeSpan.FromMilliseconds(15) });
            var start = pair.Network.Now;
            if (pair.TryConnect(TimeSpan.FromMinutes(1))) { times.Add(pair.Network.Now - start); }
        }
        times.Sort();
        output.WriteLine($"{times.Count} of {Count}; median {times[times.Count / 2]}, 95th {times[times.Count * 95 / 100]}, 99th {times[times.Count * 99 / 100]}, last {times[^1]}");
        Assert.Equal(Count, times.Count);
    }
}
