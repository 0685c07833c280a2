using System.Buffers;
using Coco.Traversal.Finding;
using Coco.Traversal.Links;
using Coco.Traversal.Tests.Finding.Model;

namespace Coco.Traversal.Tests.Finding;

/// <summary>Bytes of a peer that means harm, or of nobody. A failing input is named by its number, which is its seed.</summary>
public sealed class FindingFuzzTests
{
    private static readonly int Count = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 2_000_000 : 20_000;

    [Fact]
    public void Messages_never_throw_and_what_is_read_is_written_the_same() => Run(static random =>
    {
        var body = Mutate(random, Message(random, out var type));
        var output = new ArrayBufferWriter<byte>();
        var isRead = false;
        switch (type)
        {
            case SignalType.Candidates:
                isRead = CandidatesMessage.TryRead(body, out var candidates) && candidates!.Candidates.Count == body[6] && body[4] <= 3;
                if (isRead) { candidates!.Write(output); }
                Assert.True(candidates is null || candidates.Candidates.Count <= CandidatesMessage.MaxCount);
                break;
            case SignalType.Punch:
                isRead = PunchMessage.TryRead(body, out var punch);
                if (isRead) { punch.Write(output); }
                break;
            default:
                isRead = BirthdayMessage.TryRead(body, out var birthday);
                if (isRead) { birthday.Write(output); }
                break;
        }
        if (isRead) { Assert.Equal(body, output.WrittenSpan.ToArray()); }
    });

    [Fact]
    public void Insides_of_probes_never_throw() => Run(static random =>
    {
        var body = new byte[random.Next(0, 34)];
        random.NextBytes(body);
        if (body.Length > 9) { (body[0], body[9]) = ((byte)random.Next(4), (byte)(random.Next(2) == 0 ? 4 : 6)); }

        if (ProbeSealer.TryRead(body, 1, out var probe)) { Assert.All(body[(probe.Kind is ProbeKind.Ping ? 1 : body[9] == 4 ? 16 : 28)..], static filling => Assert.Equal(0, filling)); }
    });

    [Fact]
    public void Any_sequence_of_messages_and_probes_leaves_a_bounded_finder()
    {
        FinderBench? bench = null;
        Run(random =>
        {
            if (bench is null || random.Next(200) == 0)
            {
                bench = new FinderBench(random.Next(2) == 0).Begin(FinderBench.Behind("203.0.113.1:6000", (MappingClass)random.Next(4)));
            }
            switch (random.Next(8))
            {
                case 0: bench.Receive(Path(random), bench.Ping()); break;
                case 1: bench.Finder.HandlePath(Path(random), (PathState)random.Next(1, 6), bench.Now); break;
                case 2: bench.Run(random.NextDouble() * 10); break;
                case 3: bench.Finder.HandleSocketsOpened(random.Next(5), [new(5000 + random.Next(1000), true, false, 1)], bench.Now); break;
                case 4: bench.Finder.HandleTcp(random.Next(5), random.Next(2) == 0 ? null : new Link(LinkKind.Tcp, random.Next(50), Path(random).Link.Remote), bench.Now); break;
                default:
                    var body = Mutate(random, Message(random, out var type));
                    bench.Finder.HandleSignal(type, body, bench.Now);
                    break;
            }
            bench.Drain();
            Assert.InRange(bench.Finder.Paths.Count, 0, 96);
            Assert.NotEmpty(bench.Finder.Verdict.Sentence);
        }, Count / 4);
    }

    private static void Run(Action<Random> tryOne, int? count = null)
    {
        for (var seed = 0; seed < (count ?? Count); seed++)
        {
            try
            {
                tryOne(new(seed));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Input {seed} failed: {exception.Message}", exception);
            }
        }
    }

    private static byte[] Message(Random random, out ulong type)
    {
        var output = new ArrayBufferWriter<byte>();
        type = SignalType.Candidates + (ulong)random.Next(3);
        switch (type)
        {
            case SignalType.Candidates:
                var candidates = Enumerable.Range(0, random.Next(33)).Select(_ => new PeerCandidate((CandidateKind)random.Next(1, 6), Path(random).Link.Remote)).ToList();
                new CandidatesMessage((uint)random.Next(10), (MappingClass)random.Next(4), (PeerFlags)random.Next(16), candidates).Write(output);
                break;
            case SignalType.Punch: new PunchMessage((uint)random.Next(5), (PunchStep)random.Next(1, 5)).Write(output); break;
            default: new BirthdayMessage((uint)random.Next(3), (BirthdayStep)random.Next(1, 6)).Write(output); break;
        }
        return output.WrittenSpan.ToArray();
    }

    private static PathAddress Path(Random random)
    {
        if (random.Next(10) == 0) { return FinderBench.Relay; }
        if (random.Next(3) > 0) { return new(new(LinkKind.Udp, 0, NetworkAddress.FromIpv4((uint)random.Next(), random.Next(65_536)))); }
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new(new(LinkKind.Udp, 0, NetworkAddress.FromIpv6(bytes, random.Next(65_536))));
    }

    private static byte[] Mutate(Random random, byte[] input)
    {
        for (var i = random.Next(3); i > 0 && input.Length > 0; i--)
        {
            var at = random.Next(input.Length);
            input = random.Next(4) switch
            {
                0 => input[..at],
                1 => [.. input, .. input[at..]],
                2 => [.. input[..at], .. input[(at + 1)..]],
                _ => [.. input[..at], (byte)random.Next(256), .. input[(at + 1)..]],
            };
        }
        return input;
    }
}
