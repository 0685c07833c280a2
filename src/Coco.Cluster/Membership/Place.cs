using System.Collections.Immutable;
using Coco.Quic.Packets;

namespace Coco.Cluster.Membership;

/// <summary>
/// Where an office stands in the order of authority: first the owner, then whom the owner appointed in the order of the appointments,
/// then whom those appointed, and so on. The path has two numbers for each appointment: which epoch or key of the appointing office it
/// was, and its place in that chain. A smaller place is senior.
/// </summary>
internal readonly struct Place(ImmutableArray<ulong> path, ulong generation) : IComparable<Place>, IEquatable<Place>
{
    private readonly ImmutableArray<ulong> _path = path;

    public static Place Owner { get; } = new([], 0);

    /// <summary>How often the office went on with another key.</summary>
    public ulong Generation { get; } = generation;

    public bool IsOwner => Path.IsEmpty;

    /// <summary>Appointments between the owner and the office.</summary>
    public int Distance => Path.Length / 2;

    private ImmutableArray<ulong> Path => _path.IsDefault ? [] : _path;

    public Place Appointed(ulong epochOrKey, ulong sequence) => new(Path.Add(epochOrKey).Add(sequence), 0);

    public Place NextKey() => new(Path, Generation + 1);

    /// <summary>Whether the appointment goes back to that of <paramref name="other"/>, or is the same, whatever keys they went on with.</summary>
    public bool IsBelow(Place other) => Path.Length >= other.Path.Length && Path.AsSpan(0, other.Path.Length).SequenceEqual(other.Path.AsSpan());

    /// <summary>Whether this office may take back what that one gave: what juniors gave, and what it gave itself, whatever key it goes on with.</summary>
    public bool MayTakeBack(Place giver) => IsSeniorTo(giver) || Path.AsSpan().SequenceEqual(giver.Path.AsSpan());

    public bool IsSeniorTo(Place other) => CompareTo(other) < 0;

    public int CompareTo(Place other)
    {
        var (mine, others) = (Path, other.Path);
        if (mine.Length != others.Length) { return mine.Length.CompareTo(others.Length); }
        for (var i = 0; i < mine.Length; i++)
        {
            if (mine[i] != others[i]) { return mine[i].CompareTo(others[i]); }
        }
        return Generation.CompareTo(other.Generation);
    }

    public bool Equals(Place other) => CompareTo(other) == 0;

    public override bool Equals(object? obj) => obj is Place other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Path.Length, Path.IsEmpty ? 0 : Path[^1], Generation);

    public override string ToString() => IsOwner ? "owner" : $"{string.Join('.', Path)}+{Generation}";

    public void Write(CanonicalWriter writer)
    {
        writer.VarInt((ulong)Path.Length);
        foreach (var number in Path) { writer.VarInt(number); }
        writer.VarInt(Generation);
    }

    public static bool TryRead(ref SpanReader reader, out Place place)
    {
        place = default;
        if (!reader.TryReadVarInt(out var length) || length > 2 * MembershipOptions.MaxDistance + 2) { return false; }
        var path = ImmutableArray.CreateBuilder<ulong>((int)length);
        for (ulong i = 0; i < length; i++)
        {
            if (!reader.TryReadVarInt(out var number)) { return false; }
            path.Add(number);
        }
        if (!reader.TryReadVarInt(out var generation)) { return false; }
        place = new(path.MoveToImmutable(), generation);
        return true;
    }
}
