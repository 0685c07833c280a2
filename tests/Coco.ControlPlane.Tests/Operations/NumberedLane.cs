using System.Buffers.Binary;
using System.Diagnostics;
using Coco.Transport;

namespace Coco.ControlPlane.Tests.Operations;

/// <summary>Numbered records that go one way, a hundred a second: each has to come once and in its order, and silences are timed.</summary>
internal sealed class NumberedLane(Connection from, Connection to)
{
    private const int RecordSize = 1_000;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new(); // guards the next
    private readonly List<long> _arrivals = [];

    /// <summary>Records that came so far.</summary>
    public int Received
    {
        get { lock (_lock) { return _arrivals.Count; } }
    }

    /// <summary>Sends until told that it is over; then all has to be there.</summary>
    public async Task RunAsync(CancellationToken over, CancellationToken patience)
    {
        await using var outgoing = await from.OpenStreamAsync(bidirectional: false, patience);
        var sending = SendAsync();
        await using var incoming = await to.AcceptStreamAsync(patience);
        var record = new byte[RecordSize];
        var expected = 0L;
        while (await incoming.ReadAtLeastAsync(record, RecordSize, throwOnEndOfStream: false, patience) is var length and > 0)
        {
            Assert.Equal((RecordSize, expected++), (length, BinaryPrimitives.ReadInt64BigEndian(record)));
            lock (_lock) { _arrivals.Add(Stopwatch.GetTimestamp()); }
        }
        Assert.Equal(expected, await sending);

        async Task<long> SendAsync()
        {
            using var timer = new PeriodicTimer(Pace);
            var (number, data) = (0L, new byte[RecordSize]);
            for (; !over.IsCancellationRequested; number++)
            {
                BinaryPrimitives.WriteInt64BigEndian(data, number);
                await outgoing.WriteAsync(data, patience);
                await timer.WaitForNextTickAsync(patience);
            }
            await outgoing.CompleteWritesAsync(patience);
            return number;
        }
    }

    /// <summary>The longest time without a record since a moment, and up to now.</summary>
    public TimeSpan LongestSilence(long since)
    {
        lock (_lock)
        {
            var (longest, last) = (0L, since);
            foreach (var at in _arrivals.Append(Stopwatch.GetTimestamp()).Where(at => at > since)) { (longest, last) = (Math.Max(longest, at - last), at); }
            return Stopwatch.GetElapsedTime(0, longest);
        }
    }
}
