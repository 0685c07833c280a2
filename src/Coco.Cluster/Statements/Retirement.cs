using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Statements;

/// <summary>
/// A recovery key gives up its power over an epoch, in favour of the statement this stands in. <code>
/// recovery key (32) ‖ statement that named it (32) ‖ signature (64)
/// signature = Ed25519( "coco retire v1" ‖ network ‖ the statement that named it ‖ issuer ‖ previous )
/// </code>
/// </summary>
internal sealed record Retirement(NodeId Key, StatementId Naming, ReadOnlyMemory<byte> Signature)
{
    public const int WireLength = NodeId.Size + StatementId.Size + IdentityKey.SignatureSize;

    public static Retirement Sign(IdentityKey key, StatementId naming, NetworkId network, NodeId issuer, StatementId previous)
    {
        var signature = new byte[IdentityKey.SignatureSize];
        key.Sign(Signed(naming, network, issuer, previous), signature);
        return new(key.Id, naming, signature);
    }

    /// <summary>The one that stands in what an owner said, if any.</summary>
    public static Retirement? In(StatementBody body) => body switch
    {
        StatementBody.Transfer transfer => transfer.Retires,
        StatementBody.SetRecovery set => set.Retires,
        _ => null,
    };

    public bool Verify(NetworkId network, NodeId issuer, StatementId previous) => Key.Verify(Signed(Naming, network, issuer, previous), Signature.Span);

    public void Write(ref SpanWriter writer)
    {
        writer.WriteKey(Key);
        writer.WriteId(Naming);
        writer.WriteBytes(Signature.Span);
    }

    public static bool TryRead(ref SpanReader reader, out Retirement? retirement)
    {
        retirement = null;
        if (!reader.TryReadKey(out var key) || !reader.TryReadId(out var naming)) { return false; }
        if (!reader.TryReadBytes(IdentityKey.SignatureSize, out var signature)) { return false; }
        retirement = new(key, naming, signature.ToArray());
        return true;
    }

    private static byte[] Signed(StatementId naming, NetworkId network, NodeId issuer, StatementId previous) =>
        Consents.Bytes("coco retire v1"u8, network, naming, issuer, previous);
}
