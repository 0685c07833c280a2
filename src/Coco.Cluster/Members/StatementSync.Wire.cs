using Coco.Cluster.Mesh;
using Coco.Cluster.Statements;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Members;

/// <content>
/// <code>
/// StatementHeads (2) = kind u8 ‖ …
///   0 Digest      SHA-256 of all heads, each issuer (32) ‖ StatementId (32), in the order of both (32)
///   1 Heads       flags u8 (1: more follow) ‖ count varint ‖ count × ( issuer (32) ‖ sequence varint ‖ StatementId (32) )
///                 ‖ count varint ‖ count × StatementId that others here wait for
/// Statements (3)     = kind u8 ‖ …
///   0 Statements  flags u8 (1: there is more, ask again) ‖ ( length varint ‖ statement ) × …
///   1 Package     flags u8 (1: more follows) ‖ bytes of a package
///   2 Proof       ( length varint ‖ statement ) × …, from the certificate's authority to the root
/// </code>
/// Kinds and flags not listed are of later versions and ignored.
/// </content>
internal sealed partial class StatementSync
{
    public const byte ProofKind = 2;

    private const byte DigestKind = 0;
    private const byte HeadsKind = 1;
    private const byte StatementsKind = 0;
    private const byte PackageKind = 1;
    private const byte MoreFlag = 1;

    private void SendDigest(NodeId to)
    {
        var body = new byte[1 + StatementId.Size];
        body[0] = DigestKind;
        Digest.CopyTo(body.AsSpan(1));
        Send(to, MeshFrameType.StatementHeads, body);
    }

    private int SendHeads(NodeId to)
    {
        var sent = 0;
        var (heads, wants) = (ShownHeads(), log.Wanted(MaxWants));
        for (var first = 0; first == 0 || first < heads.Count; first += HeadsPerFrame)
        {
            var part = heads.Skip(first).Take(HeadsPerFrame).ToArray();
            var isLast = first + HeadsPerFrame >= heads.Count;
            var body = new byte[2 + (2 * VarInt.MaxLength) + (part.Length * ChainHead.MaxWireLength) + (isLast ? wants.Count * StatementId.Size : 0)];
            var writer = new SpanWriter(body);
            writer.WriteByte(HeadsKind);
            writer.WriteByte(isLast ? (byte)0 : MoreFlag);
            writer.WriteVarInt((ulong)part.Length);
            foreach (var head in part) { head.Write(ref writer); }
            writer.WriteVarInt(isLast ? (ulong)wants.Count : 0);
            foreach (var id in isLast ? wants : []) { writer.WriteId(id); }
            Send(to, MeshFrameType.StatementHeads, body.AsMemory(0, writer.Position));
            sent += body.Length;
        }
        return sent;
    }

    private void SendStatements(NodeId to, IReadOnlyList<Statement> statements, bool isMore)
    {
        for (var first = 0; first < statements.Count;)
        {
            var (last, length) = (first, 2);
            while (last < statements.Count && (last == first || length + statements[last].Encoded.Length + VarInt.MaxLength <= FrameTarget))
            {
                length += statements[last++].Encoded.Length + VarInt.MaxLength;
            }
            var body = new byte[length];
            var writer = new SpanWriter(body);
            writer.WriteByte(StatementsKind);
            writer.WriteByte(isMore && last == statements.Count ? MoreFlag : (byte)0);
            for (var i = first; i < last; i++) { writer.WriteLengthBytes(statements[i].Encoded.Span); }
            Send(to, MeshFrameType.Statements, body.AsMemory(0, writer.Position));
            first = last;
        }
    }

    private void SendPackage(NodeId to, ReadOnlySpan<byte> package)
    {
        for (var sent = 0; sent < package.Length; sent += FrameTarget)
        {
            var part = package.Slice(sent, Math.Min(FrameTarget, package.Length - sent));
            byte[] body = [PackageKind, sent + part.Length < package.Length ? MoreFlag : (byte)0, .. part];
            Send(to, MeshFrameType.Statements, body);
        }
    }

    private static bool TryReadHeads(SyncPeer peer, ref SpanReader reader, out bool isMore)
    {
        isMore = false;
        if (!reader.TryReadByte(out var flags) || !reader.TryReadVarInt(out var count) || count > MaxHeads - (ulong)peer.Heads.Count) { return false; }
        isMore = (flags & MoreFlag) != 0;
        for (var i = 0UL; i < count; i++)
        {
            if (!ChainHead.TryRead(ref reader, out var head)) { return false; }
            peer.Heads.Add(head);
        }
        if (!reader.TryReadVarInt(out var wants) || wants > MaxWants - (ulong)peer.Wants.Count) { return false; }
        for (var i = 0UL; i < wants; i++)
        {
            if (!reader.TryReadId(out var id)) { return false; }
            peer.Wants.Add(id);
        }
        return true;
    }

    private void Send(NodeId to, MeshFrameType type, ReadOnlyMemory<byte> body) => _output.Enqueue((to, type, body));
}
