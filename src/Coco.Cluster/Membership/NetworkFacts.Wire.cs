using Coco.Cluster.Statements;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Membership;

/// <content>
/// <code>
/// snapshot = version u8: 2 ‖ depth varint ‖ heads ‖ facts
/// heads    = n × ( issuer (32) ‖ cut )
/// facts    = epochs:    n × ( id (32) ‖ owner (32) ‖ n × ( key (32) ‖ named by (32) ‖ position varint ‖ retired u8 ) ‖ keep? ‖ recovered? )
///          ‖ tenures:   n × ( id (32) ‖ key (32) ‖ place ‖ successor (32) ‖ keep? )
///          ‖ delegates: n × ( id (32) ‖ key (32) ‖ sub-cluster ‖ until u64 ‖ place ‖ keep? )
///          ‖ guests:    n × ( id (32) ‖ user (32) ‖ place )
///          ‖ closings:  n × ( id (32) ‖ subject (32) ‖ place ‖ cut ‖ keep? )
///          ‖ kept:      the same
///          ‖ bans:      n × ( id (32) ‖ user (32) ‖ place ‖ cut ‖ keep? ‖ n × lifted by (32) )
///          ‖ nodes:     n × ( node (32) ‖ place )
///          ‖ registers: n × ( kind u8 ‖ subject (32) ‖ depth varint ‖ place ‖ id (32) ‖ type varint ‖ length varint ‖ body )
///          ‖ resources: n × ( id (32) ‖ issuer (32) ‖ place ‖ length varint ‖ grant )
/// recovered? = 0 u8, or 1 u8 ‖ position varint ‖ sequence varint
/// n = count varint; all but epochs in ascending order of what stands first. place = n × varint ‖ generation varint
/// </code>
/// </content>
internal sealed partial class NetworkFacts
{
    private const byte Version = 2;

    // Smaller than any item, so that a count says how many can follow at most.
    private const int LeastItem = 32;

    /// <summary>The facts alone: what replicas agree on.</summary>
    public byte[] EncodeFacts()
    {
        var writer = new CanonicalWriter();
        WriteFacts(writer);
        return writer.Written.ToArray();
    }

    /// <summary>The facts as a snapshot that takes the place of the chains up to the heads.</summary>
    public byte[] EncodeSnapshot(IReadOnlyDictionary<NodeId, Cut> heads, ulong depth)
    {
        var writer = new CanonicalWriter();
        writer.Byte(Version);
        writer.VarInt(depth);
        writer.VarInt((ulong)heads.Count);
        foreach (var (issuer, head) in heads.OrderBy(static pair => pair.Key))
        {
            writer.Key(issuer);
            writer.Cut(head);
        }
        WriteFacts(writer);
        return writer.Written.ToArray();
    }

    /// <summary>Reads a snapshot; null for bytes that are none.</summary>
    public static NetworkFacts? ReadSnapshot(ReadOnlySpan<byte> bytes)
    {
        var reader = new SpanReader(bytes);
        var facts = new NetworkFacts();
        if (!reader.TryReadByte(out var version) || version != Version || !reader.TryReadVarInt(out var depth)) { return null; }
        facts.Depth = depth;
        return facts.TryReadAll(ref reader) ? facts : null;
    }

    private void WriteFacts(CanonicalWriter writer)
    {
        writer.VarInt((ulong)Epochs.Count);
        foreach (var epoch in Epochs) { Write(writer, epoch); }
        writer.VarInt((ulong)Tenures.Count);
        foreach (var tenure in Tenures.Values.OrderBy(static tenure => tenure.Id))
        {
            writer.Id(tenure.Id);
            writer.Key(tenure.Key);
            tenure.Place.Write(writer);
            writer.Id(tenure.Successor);
            writer.Keep(tenure.Closed);
        }
        writer.VarInt((ulong)Delegates.Count);
        foreach (var grant in Delegates.Values.OrderBy(static grant => grant.Id))
        {
            writer.Id(grant.Id);
            writer.Key(grant.Key);
            writer.Text(grant.SubCluster.Name);
            writer.UInt64(grant.Until);
            grant.Place.Write(writer);
            writer.Keep(grant.Closed);
        }
        writer.VarInt((ulong)Guests.Count);
        foreach (var (id, guest) in Guests.OrderBy(static pair => pair.Key))
        {
            writer.Id(id);
            writer.Key(guest.User.Key);
            guest.By.Write(writer);
        }
        WriteRevocations(writer);
        writer.VarInt((ulong)Registers.Count);
        foreach (var register in Registers.Values.OrderBy(static register => (register.Kind, register.Subject))) { Write(writer, register); }
        writer.VarInt((ulong)Resources.Count);
        foreach (var grant in Resources.Values.OrderBy(static grant => grant.Id))
        {
            writer.Id(grant.Id);
            writer.Key(grant.Issuer.Key);
            grant.By.Write(writer);
            writer.Bytes(grant.Grant.Span);
        }
    }

    private void WriteRevocations(CanonicalWriter writer)
    {
        Write(writer, Closings);
        Write(writer, Kept);
        writer.VarInt((ulong)Bans.Count);
        foreach (var ban in Bans.Values.OrderBy(static ban => ban.Id))
        {
            writer.Id(ban.Id);
            writer.Key(ban.User.Key);
            ban.By.Write(writer);
            writer.Cut(ban.Cut);
            writer.Keep(ban.Keep);
            writer.VarInt((ulong)ban.LiftedBy.Count);
            foreach (var id in ban.LiftedBy) { writer.Id(id); }
        }
        writer.VarInt((ulong)RevokedNodes.Count);
        foreach (var (node, by) in RevokedNodes.OrderBy(static pair => pair.Key))
        {
            writer.Key(node);
            by.Write(writer);
        }
    }

    private static void Write(CanonicalWriter writer, Dictionary<StatementId, Closing> closings)
    {
        writer.VarInt((ulong)closings.Count);
        foreach (var closing in closings.Values.OrderBy(static closing => closing.Id))
        {
            writer.Id(closing.Id);
            writer.Id(closing.Subject);
            closing.By.Write(writer);
            writer.Cut(closing.Cut);
            writer.Keep(closing.Keep);
        }
    }

    private static void Write(CanonicalWriter writer, Epoch epoch)
    {
        writer.Id(epoch.Id);
        writer.Key(epoch.Owner.Key);
        writer.VarInt((ulong)epoch.Namings.Length);
        foreach (var naming in epoch.Namings)
        {
            writer.Key(naming.Key);
            writer.Id(naming.By);
            writer.VarInt(naming.Position);
            writer.Flag(naming.IsRetired);
        }
        writer.Keep(epoch.Keep);
        writer.Flag(epoch.Recovered is not null);
        if (epoch.Recovered is not { } recovered) { return; }
        writer.VarInt(recovered.Position);
        writer.VarInt(recovered.Sequence);
    }

    private static void Write(CanonicalWriter writer, Register register)
    {
        writer.Byte((byte)register.Kind);
        writer.Key(register.Subject);
        writer.VarInt(register.Depth);
        register.By.Write(writer);
        writer.Id(register.Id);
        writer.VarInt((ulong)register.Value.Type);
        writer.Bytes(register.Value.Encode());
    }
}
