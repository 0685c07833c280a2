using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Statements;

/// <summary>
/// What a key signs to agree to what somebody else states. It names the place in the chain, so that it is good for one statement:
/// <code>name ‖ network (32) ‖ StatementId (32) ‖ issuer (32) ‖ previous (32)</code>
/// The id is the authority the issuer acts under.
/// </summary>
internal static class Consents
{
    public static ReadOnlySpan<byte> Owner => "coco owner v1"u8;

    public static ReadOnlySpan<byte> Rotation => "coco rotation v1"u8;

    public static byte[] Sign(IdentityKey key, ReadOnlySpan<byte> name, NetworkId network, StatementId authority, NodeId issuer, StatementId previous)
    {
        var signature = new byte[IdentityKey.SignatureSize];
        key.Sign(Bytes(name, network, authority, issuer, previous), signature);
        return signature;
    }

    public static byte[] Bytes(ReadOnlySpan<byte> name, NetworkId network, StatementId id, NodeId issuer, StatementId previous)
    {
        var bytes = new byte[name.Length + NetworkId.Size + StatementId.Size + NodeId.Size + StatementId.Size];
        var writer = new SpanWriter(bytes);
        writer.WriteBytes(name);
        writer.WriteKey(network.Key);
        writer.WriteId(id);
        writer.WriteKey(issuer);
        writer.WriteId(previous);
        return bytes;
    }
}
