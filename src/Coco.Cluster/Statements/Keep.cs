using System.Collections.Immutable;
using Coco.Quic.Packets;

namespace Coco.Cluster.Statements;

/// <summary>
/// Which certificates of an office stay valid when it is closed: <code>kind u8 ‖ if listed: count varint (0–400) ‖ count × hash (32), ascending</code>
/// </summary>
internal sealed class Keep
{
    /// <summary>As many as fit into a statement beside the rest. In a snapshot several of them add up.</summary>
    public const int MaxListed = 400;

    private Keep(KeepKind kind, ImmutableSortedSet<StatementId> listed) => (Kind, Listed) = (kind, listed);

    public static Keep None { get; } = new(KeepKind.None, []);

    public static Keep All { get; } = new(KeepKind.All, []);

    public KeepKind Kind { get; }

    public ImmutableSortedSet<StatementId> Listed { get; }

    public int WireLength => 1 + (Kind is KeepKind.Listed ? VarInt.Length((ulong)Listed.Count) + (Listed.Count * StatementId.Size) : 0);

    public static Keep Only(IEnumerable<StatementId> certificates)
    {
        var listed = certificates.ToImmutableSortedSet();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(listed.Count, MaxListed, nameof(certificates));
        return new(KeepKind.Listed, listed);
    }

    public bool Contains(StatementId certificate) => Kind is KeepKind.All || (Kind is KeepKind.Listed && Listed.Contains(certificate));

    /// <summary>What both keep.</summary>
    public Keep And(Keep other)
    {
        if (Kind is KeepKind.All) { return other; }
        if (other.Kind is KeepKind.All) { return this; }
        return Kind is KeepKind.None || other.Kind is KeepKind.None ? None : new(KeepKind.Listed, Listed.Intersect(other.Listed));
    }

    /// <summary>A list with what another lists; what keeps none or all does so.</summary>
    public Keep With(Keep other) => Kind is KeepKind.Listed && other.Kind is KeepKind.Listed ? new(KeepKind.Listed, Listed.Union(other.Listed)) : this;

    public void Write(ref SpanWriter writer)
    {
        writer.WriteByte((byte)Kind);
        if (Kind is not KeepKind.Listed) { return; }
        writer.WriteVarInt((ulong)Listed.Count);
        foreach (var id in Listed) { writer.WriteId(id); }
    }

    public static bool TryRead(ref SpanReader reader, out Keep keep, int maxListed = MaxListed)
    {
        keep = None;
        if (!reader.TryReadByte(out var kind) || kind > (byte)KeepKind.Listed) { return false; }
        if ((KeepKind)kind is not KeepKind.Listed)
        {
            keep = (KeepKind)kind is KeepKind.All ? All : None;
            return true;
        }
        if (!reader.TryReadVarInt(out var count) || count > (ulong)maxListed) { return false; }
        var listed = ImmutableSortedSet.CreateBuilder<StatementId>();
        for (ulong i = 0; i < count; i++)
        {
            if (!reader.TryReadId(out var id) || (listed.Count > 0 && id <= listed.Max)) { return false; }
            listed.Add(id);
        }
        keep = new(KeepKind.Listed, listed.ToImmutable());
        return true;
    }
}
