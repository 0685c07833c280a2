using Coco.Cluster.Certificates;
using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.News;

/// <summary>
/// What a node of the owner's or of an admin's tells a control plane that the network lists, over a connection of its own, on a stream: what was signed
/// since the network was brought there. The control plane says first what of it it lacks, so that what is there is not sent again.
/// <code>
/// question = 0x03 ‖ length u16 ‖ network (32) ‖ certificate ‖ statements varint ‖ statements × id (32) ‖ nodes varint ‖ nodes × ( node (32) ‖ id (32) )
/// answer   = outcome byte ‖ lacks ( a bit for each, in that order, the first the highest; filled up with zeros )
/// news     = what it lacks, in that order, each: length varint ‖ statement or certificate
/// answer   = outcome byte
/// certificate = length varint ‖ the node's own; ids are of the statement's and the certificate's bytes, statements and nodes together at most 256
/// </code>
/// </summary>
internal static class PlaneNews
{
    /// <summary>The first byte of a question.</summary>
    public const byte Kind = 0x03;

    /// <summary>Statements and nodes of one question.</summary>
    public const int MaxEntries = 256;

    /// <summary>Bytes of a question after its length.</summary>
    public const int MaxQuestion = NetworkId.Size + 4 + NodeCertificate.MaxLength + 4 + (MaxEntries * 2 * StatementId.Size);

    /// <summary>Bytes of news; what is more goes with another question.</summary>
    public const int MaxNews = 1 << 20;

    /// <summary>Bytes of the first answer to a question of so many.</summary>
    public static int AnswerSize(int entries) => 1 + ((entries + 7) / 8);

    /// <summary>A question, with its kind and length.</summary>
    public static byte[] Question(NodeCertificate own, IReadOnlyList<Statement> statements, IReadOnlyList<NodeCertificate> nodes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(statements.Count + nodes.Count, MaxEntries);
        var writer = new CanonicalWriter();
        writer.Key(own.Network.Key);
        writer.Bytes(own.Encoded.Span);
        writer.VarInt((ulong)statements.Count);
        foreach (var statement in statements) { writer.Id(statement.Id); }
        writer.VarInt((ulong)nodes.Count);
        foreach (var node in nodes)
        {
            writer.Key(node.Node);
            writer.Id(node.Id);
        }
        var length = writer.Written.Length;
        return [Kind, (byte)(length >> 8), (byte)length, .. writer.Written];
    }

    /// <summary>Reads a question without its kind and length. Null for what is none.</summary>
    public static PlaneQuestion? ReadQuestion(ReadOnlySpan<byte> bytes)
    {
        var reader = new SpanReader(bytes);
        if (!reader.TryReadKey(out var network) || !reader.TryReadVarIntBytes(out var own)) { return null; }
        if (NodeCertificate.Read(own) is not { } certificate || certificate.Network != new NetworkId(network)) { return null; }
        if (!reader.TryReadVarInt(out var count) || count > MaxEntries) { return null; }
        var statements = new List<StatementId>((int)count);
        for (var i = 0; i < (int)count; i++)
        {
            if (!reader.TryReadBytes(StatementId.Size, out var id)) { return null; }
            statements.Add(StatementId.Read(id));
        }
        if (!reader.TryReadVarInt(out count) || count > (ulong)(MaxEntries - statements.Count)) { return null; }
        var nodes = new List<(NodeId, StatementId)>((int)count);
        for (var i = 0; i < (int)count; i++)
        {
            if (!reader.TryReadKey(out var node) || !reader.TryReadBytes(StatementId.Size, out var id)) { return null; }
            nodes.Add((node, StatementId.Read(id)));
        }
        return reader.IsEmpty ? new(certificate, statements, nodes) : null;
    }

    /// <summary>The first answer.</summary>
    public static byte[] Answer(PlaneOutcome outcome, IReadOnlyList<bool> lacks)
    {
        var answer = new byte[AnswerSize(lacks.Count)];
        answer[0] = (byte)outcome;
        for (var i = 0; i < lacks.Count; i++)
        {
            if (lacks[i]) { answer[1 + (i / 8)] |= (byte)(0x80 >> (i % 8)); }
        }
        return answer;
    }

    /// <summary>Whether the control plane lacks an entry, by its first answer.</summary>
    public static bool Lacks(ReadOnlySpan<byte> answer, int entry) => (answer[1 + (entry / 8)] & (0x80 >> (entry % 8))) != 0;

    /// <summary>What it lacks.</summary>
    public static byte[] News(IEnumerable<ReadOnlyMemory<byte>> signed)
    {
        var writer = new CanonicalWriter();
        foreach (var one in signed) { writer.Bytes(one.Span); }
        return writer.Written.ToArray();
    }

    /// <summary>Reads news. Null for what is none.</summary>
    /// <param name="bytes">What came.</param>
    /// <param name="count">How many there have to be.</param>
    public static IReadOnlyList<byte[]>? ReadNews(ReadOnlySpan<byte> bytes, int count)
    {
        var reader = new SpanReader(bytes);
        var signed = new List<byte[]>();
        while (!reader.IsEmpty)
        {
            if (signed.Count == count || !reader.TryReadVarIntBytes(out var one) || one.Length > Statement.MaxLength) { return null; }
            signed.Add(one.ToArray());
        }
        return signed.Count == count ? signed : null;
    }
}
