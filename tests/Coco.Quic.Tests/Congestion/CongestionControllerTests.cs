using System.Runtime.CompilerServices;
using Coco.Quic.Congestion;

namespace Coco.Quic.Tests.Congestion;

public sealed class CongestionControllerTests
{
    private static readonly long[] Intervals = [0, 1, 10_000, 10_000_000, 6_000_000_000, TimeSpan.TicksPerDay];

    public static TheoryData<int> Algorithms => new(Enum.GetValues<CongestionAlgorithm>().Select(algorithm => (int)algorithm));

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Random_events_keep_window_flight_and_rate_in_bounds(int algorithm)
    {
        for (var seed = 0; seed < 300; seed++)
        {
            new RandomWalk((CongestionAlgorithm)algorithm, seed).Run(400);
        }
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Nothing_is_allocated_after_construction(int algorithm)
    {
        var walk = new RandomWalk((CongestionAlgorithm)algorithm, 1);
        walk.Run(2000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        walk.Run(200);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact] // ten thousand idle connections hold this each
    public void A_path_with_the_default_controller_takes_less_than_400_bytes()
    {
        Assert.InRange(PathState(CongestionAlgorithm.Cubic), 1, 400);
        Assert.InRange(PathState(CongestionAlgorithm.NewReno), 1, 400);
        Assert.InRange(PathState(CongestionAlgorithm.Bbr), 1, 700);
        Assert.Equal(24, Unsafe.SizeOf<DeliverySnapshot>());
    }

    private static long PathState(CongestionAlgorithm algorithm)
    {
        CongestionController.Create(algorithm, 1200);
        var before = GC.GetAllocatedBytesForCurrentThread();
        GC.KeepAlive(CongestionController.Create(algorithm, 1200));
        var controller = GC.GetAllocatedBytesForCurrentThread() - before;
        var size = controller + Unsafe.SizeOf<RttEstimator>() + Unsafe.SizeOf<Pacer>() + Unsafe.SizeOf<PathMtuDiscovery>() + Unsafe.SizeOf<EcnValidator>();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{algorithm}: controller {controller}, RTT {Unsafe.SizeOf<RttEstimator>()}, pacer {Unsafe.SizeOf<Pacer>()}, MTU {Unsafe.SizeOf<PathMtuDiscovery>()}, ECN {Unsafe.SizeOf<EcnValidator>()}");
        return size;
    }

    private sealed class RandomWalk
    {
        private readonly CongestionController _controller;
        private readonly Random _random;
        private readonly int _seed;
        private readonly Queue<(int Bytes, long Time, DeliverySnapshot Snapshot)> _sent = new(20_000);
        private RttEstimator _rtt;
        private long _now;
        private long _inFlight;
        private int _datagram = 1200;

        public RandomWalk(CongestionAlgorithm algorithm, int seed)
        {
            _controller = CongestionController.Create(algorithm, _datagram);
            _random = new Random(seed);
            _seed = seed;
        }

        public void Run(int steps)
        {
            for (var step = 0; step < steps; step++)
            {
                _now += _random.NextInt64(Intervals[_random.Next(Intervals.Length)] + 1);
                Step();
                Check(step);
            }
        }

        private void Step()
        {
            switch (_random.Next(10))
            {
                case 0:
                    _controller.OnAppLimited();
                    break;
                case 1:
                    _rtt.Update(_random.NextInt64(Intervals[_random.Next(Intervals.Length)] + 1), 0, true, 0);
                    break;
                case 2 when _random.Next(10) == 0:
                    _controller.OnPersistentCongestion();
                    break;
                case 3 when _random.Next(5) == 0:
                    _datagram = _random.Next(1200, 65_528);
                    _controller.SetMaxDatagramSize(_datagram);
                    break;
                case 4 or 5 or 6:
                    Send(_random.Next(1, 200));
                    break;
                default:
                    Acknowledge(_random.Next(1, 200), _random.Next(4));
                    break;
            }
        }

        private void Send(int packets)
        {
            for (; packets > 0 && _controller.CanSend(_datagram) && _sent.Count < 20_000; packets--)
            {
                _controller.OnSent(_datagram, _now);
                _sent.Enqueue((_datagram, _now, _controller.TakeSnapshot(_now)));
                _inFlight += _datagram;
            }
        }

        private void Acknowledge(int packets, int loss)
        {
            var batch = new AckBatch(_controller, _now) { CongestionExperienced = _random.Next(20) == 0 };
            for (; packets > 0 && _sent.TryDequeue(out var packet); packets--)
            {
                _inFlight -= packet.Bytes;
                if (loss > 0 && _random.Next(4) < loss)
                {
                    batch.AddLost(packet.Bytes, packet.Time, packet.Snapshot);
                    continue;
                }

                batch.AddAcked(packet.Bytes, packet.Time, packet.Snapshot);
            }

            _controller.OnAckBatch(batch, _rtt);
        }

        private void Check(int step)
        {
            var rate = _controller.PacingRate(_rtt);
            if (_controller.Window < 2 * _datagram || _controller.Window > CongestionController.MaximumWindow
                || _controller.BytesInFlight != _inFlight || rate < 1)
            {
                Assert.Fail($"seed {_seed}, step {step}: window {_controller.Window}, in flight {_controller.BytesInFlight} of {_inFlight}, rate {rate}");
            }
        }
    }
}
