using System.Buffers.Binary;
using Coco.Crypto;

namespace Coco.Traversal.Stun;

/// <summary>
/// A token bucket for each source network, in a table that never grows: a keyed hash of the network chooses the bucket, and networks that
/// meet in one share it. Nobody without the key can choose with whom.
/// </summary>
internal sealed class StunRateLimit
{
    private readonly StunRateLimitOptions _options;
    private readonly ulong _key;
    private Bucket[]? _buckets; // made for the first who asks: most nodes are never asked
    private Bucket _total;

    public StunRateLimit(StunRateLimitOptions options, RandomSource random)
    {
        _options = options;
        Span<byte> key = stackalloc byte[sizeof(ulong)];
        random.Fill(key);
        _key = BinaryPrimitives.ReadUInt64LittleEndian(key);
    }

    /// <summary>Whether one more request of this source may be answered, which then counts.</summary>
    public bool TryTake(in NetworkAddress source, TimeSpan now)
    {
        _buckets ??= new Bucket[_options.Counters];
        ref var bucket = ref _buckets[IndexOf(source)];
        if (!bucket.HasOne(_options.PerSecond, _options.Burst, now)) { return false; }
        if (!_total.HasOne(_options.TotalPerSecond, _options.TotalPerSecond, now)) { return false; }
        bucket.Used += TimeSpan.TicksPerSecond / _options.PerSecond;
        _total.Used += TimeSpan.TicksPerSecond / _options.TotalPerSecond;
        return true;
    }

    private int IndexOf(in NetworkAddress source)
    {
        Span<byte> bytes = stackalloc byte[16];
        source.WriteIpv6(bytes);
        var bits = source.IsIpv4 ? 96 + _options.Ipv4PrefixLength : _options.Ipv6PrefixLength;
        var network = new UInt128(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
        network = bits == 0 ? 0 : network >> (128 - bits);
        return (int)(Mixed(Mixed((ulong)(network >> 64) ^ _key) ^ (ulong)network) % (ulong)_options.Counters);
    }

    // The finaliser of SplitMix64, as in Coco.Crypto's SeededRandomSource.
    private static ulong Mixed(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }

    // What was used, as the time it takes to be earned back.
    private struct Bucket
    {
        public long Used;
        private long _seen;

        public bool HasOne(int perSecond, int burst, TimeSpan now)
        {
            Used = Math.Max(0, Used - (now.Ticks - _seen));
            _seen = now.Ticks;
            var one = TimeSpan.TicksPerSecond / perSecond;
            return Used + one <= burst * one;
        }
    }
}
