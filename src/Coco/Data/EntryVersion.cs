using Coco.Crypto;

namespace Coco.Data;

/// <summary>When an entry was written, and by whom. Of two versions of an entry the later one counts; at the same time, the one of the greater identity.</summary>
/// <param name="Time">Hybrid time: milliseconds since 1970 × 65,536, and a count.</param>
/// <param name="Writer">The node that wrote it.</param>
public readonly record struct EntryVersion(ulong Time, NodeId Writer) : IComparable<EntryVersion>
{
    /// <summary>When it was written, as well as the writer's clock and those it had heard of knew.</summary>
    public DateTimeOffset WrittenAt => DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Min(Time >> 16, 253_402_300_799_999));

    /// <inheritdoc/>
    public int CompareTo(EntryVersion other)
    {
        var order = Time.CompareTo(other.Time);
        return order == 0 ? Writer.CompareTo(other.Writer) : order;
    }

    /// <summary>Whether one is older.</summary>
    public static bool operator <(EntryVersion left, EntryVersion right) => left.CompareTo(right) < 0;

    /// <summary>Whether one is newer.</summary>
    public static bool operator >(EntryVersion left, EntryVersion right) => left.CompareTo(right) > 0;

    /// <summary>Whether one is not newer.</summary>
    public static bool operator <=(EntryVersion left, EntryVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one is not older.</summary>
    public static bool operator >=(EntryVersion left, EntryVersion right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => $"{WrittenAt:O}+{Time & 0xFFFF} {Writer}";
}
