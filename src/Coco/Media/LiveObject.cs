using System.Security.Cryptography;
using Coco.Quic.Packets;

namespace Coco.Media;

/// <summary>
/// An object on its way: the bytes that its producer wrote, which whoever passes it on does not change, and its place.
/// <code>
/// object = priority u8 ‖ timestamp v ‖ deadline v ‖ data      microseconds since the stream began; milliseconds from then on
/// leaf   = SHA-256( object )
/// chain  = SHA-256( chain before ‖ leaf ), 32 zero bytes before the first of a group
/// </code>
/// </summary>
internal sealed class LiveObject
{
    public const int MaxHeader = 1 + (2 * VarInt.MaxLength);
    public const int HashSize = SHA256.HashSizeInBytes;
    public const long MaxDeadlineMs = 3_600_000;

    private const long MaxMicroseconds = TimeSpan.TicksPerDay / TimeSpan.TicksPerMicrosecond * 36_500;

    private LiveObject(ObjectPlace place, byte[] body, int header, byte priority, TimeSpan timestamp, TimeSpan deadline) =>
        (Place, Body, Data, Priority, Timestamp, Deadline) = (place, body, body.AsMemory(header), priority, timestamp, deadline);

    public ObjectPlace Place { get; }

    /// <summary>The object as it travels.</summary>
    public byte[] Body { get; }

    public ReadOnlyMemory<byte> Data { get; }

    public byte Priority { get; }

    /// <summary>When it was published, from the beginning of the stream.</summary>
    public TimeSpan Timestamp { get; }

    public TimeSpan Deadline { get; }

    /// <summary>The chain up to it, of hashes that are made when they are asked for first.</summary>
    public byte[] Leaf => field ??= SHA256.HashData(Body);

    public byte[] ChainAfter => field ??= Chain(Place.Chain, Leaf);

    public static byte[] Encode(byte priority, TimeSpan timestamp, TimeSpan deadline, ReadOnlySpan<byte> data)
    {
        Span<byte> header = stackalloc byte[MaxHeader];
        var writer = new SpanWriter(header);
        writer.WriteByte(priority);
        writer.WriteVarInt((ulong)timestamp.Ticks / TimeSpan.TicksPerMicrosecond);
        writer.WriteVarInt((ulong)deadline.TotalMilliseconds);
        return [.. writer.Written, .. data];
    }

    /// <summary>Reads what <see cref="Encode"/> wrote, which stays the object's; null where it is none.</summary>
    public static LiveObject? TryRead(in ObjectPlace place, byte[] body)
    {
        var reader = new SpanReader(body);
        if (!reader.TryReadByte(out var priority) || !reader.TryReadVarInt(out var timestamp) || !reader.TryReadVarInt(out var deadline)) { return null; }
        if (timestamp > MaxMicroseconds || deadline is 0 or > MaxDeadlineMs) { return null; }
        return new(place, body, reader.Position, priority, TimeSpan.FromMicroseconds((long)timestamp), TimeSpan.FromMilliseconds((long)deadline));
    }

    public static byte[] Chain(ReadOnlySpan<byte> before, ReadOnlySpan<byte> leaf)
    {
        Span<byte> both = stackalloc byte[2 * HashSize];
        before.CopyTo(both);
        leaf.CopyTo(both[HashSize..]);
        return SHA256.HashData(both);
    }
}
