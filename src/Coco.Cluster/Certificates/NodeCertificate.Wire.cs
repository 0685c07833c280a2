using System.Collections.Immutable;
using Coco.Cluster.Statements;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Certificates;

/// <content>
/// <code>
/// certificate = body ‖ signature (64)                                                        at most 4,096 bytes
/// body        = version u8: 1 ‖ network (32) ‖ node (32) ‖ name (1–64) ‖ user (32) ‖ app, empty for a device ‖ flags u8: 1 gateway
///               ‖ sub-cluster ‖ class u8 ‖ tags: count u8 (0–16) ‖ count × label ‖ issued u64 ‖ expires u64 ‖ serial u64
///               ‖ issuer (32) ‖ authority (32) ‖ consent (64) ‖ anything a later version adds, which is ignored
/// consent     = Ed25519( key of the user, "coco node v1" ‖ network ‖ node )
/// signature   = Ed25519( key of the issuer, "coco certificate v1" ‖ body )
/// </code>
/// Texts = length varint ‖ UTF-8. Flags not listed are of later versions and ignored.
/// </content>
internal sealed partial class NodeCertificate
{
    public const int MaxLength = 4096;
    public const byte Version = 1;
    public const int MaxTags = 16;

    private const byte GatewayFlag = 1;

    private static ReadOnlySpan<byte> Domain => "coco certificate v1"u8;

    private static ReadOnlySpan<byte> ConsentDomain => "coco node v1"u8;

    /// <summary>What a user signs so that a node can be admitted as the user's.</summary>
    public static byte[] Consent(IdentityKey user, NetworkId network, NodeId node)
    {
        var signature = new byte[IdentityKey.SignatureSize];
        user.Sign(ConsentBytes(network, node), signature);
        return signature;
    }

    /// <summary>Whether the user has signed that this is a node of theirs.</summary>
    public static bool HasConsent(UserId user, NetworkId network, NodeId node, ReadOnlySpan<byte> consent) =>
        user.Key.VerifyRemembered(ConsentBytes(network, node), consent);

    /// <summary>Admits a node, in the office that <paramref name="authority"/> gave the key.</summary>
    public static NodeCertificate Sign(IdentityKey key, StatementId authority, NodeAdmission admission)
    {
        Validate(admission);
        Span<byte> signed = stackalloc byte[Domain.Length + MaxLength];
        var writer = new SpanWriter(signed);
        writer.WriteBytes(Domain);
        writer.WriteByte(Version);
        writer.WriteKey(admission.Network.Key);
        writer.WriteKey(admission.Node);
        writer.WriteText(admission.Name);
        writer.WriteKey(admission.User.Key);
        writer.WriteText(admission.App.Name);
        writer.WriteByte(admission.IsGateway ? GatewayFlag : (byte)0);
        writer.WriteText(admission.SubCluster.Name);
        writer.WriteByte((byte)admission.Class);
        writer.WriteByte((byte)admission.Tags.Length);
        foreach (var tag in admission.Tags) { writer.WriteText(tag); }
        writer.WriteUInt64(admission.Issued);
        writer.WriteUInt64(admission.Expires);
        writer.WriteUInt64(admission.Serial);
        writer.WriteKey(key.Id);
        writer.WriteId(authority);
        writer.WriteBytes(admission.Consent.Span);
        var length = writer.Position;
        key.Sign(signed[..length], signed.Slice(length, IdentityKey.SignatureSize));
        return new(admission, key.Id, authority, signed[Domain.Length..(length + IdentityKey.SignatureSize)].ToArray());
    }

    /// <summary>Reads and verifies a certificate; null for bytes that are none, or that the issuer or the user it names did not sign.</summary>
    public static NodeCertificate? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is > MaxLength or < IdentityKey.SignatureSize) { return null; }
        var body = bytes[..^IdentityKey.SignatureSize];
        var reader = new SpanReader(body);
        if (!reader.TryReadByte(out var version) || version != Version || ReadAdmission(ref reader) is not { } admission) { return null; }
        if (!reader.TryReadKey(out var issuer) || !reader.TryReadId(out var authority)) { return null; }
        if (!reader.TryReadBytes(IdentityKey.SignatureSize, out var consent)) { return null; }

        Span<byte> signed = stackalloc byte[Domain.Length + body.Length];
        Domain.CopyTo(signed);
        body.CopyTo(signed[Domain.Length..]);
        if (!issuer.VerifyRemembered(signed, bytes[^IdentityKey.SignatureSize..])) { return null; }
        if (!HasConsent(admission.User, admission.Network, admission.Node, consent)) { return null; }
        return new(admission with { Consent = consent.ToArray() }, issuer, authority, bytes.ToArray());
    }

    private static NodeAdmission? ReadAdmission(ref SpanReader reader)
    {
        if (!reader.TryReadKey(out var network) || !reader.TryReadKey(out var node)) { return null; }
        if (!reader.TryReadText(StatementBody.MaxName, out var name) || name.Length == 0 || !reader.TryReadKey(out var user)) { return null; }
        if (!reader.TryReadText(Labels.MaxLength, out var app) || (app.Length > 0 && !Labels.IsValid(app))) { return null; }
        if (!reader.TryReadByte(out var flags) || !reader.TryReadLabel(out var subCluster)) { return null; }
        if (!reader.TryReadByte(out var nodeClass) || nodeClass > (byte)NodeClass.Portable || !reader.TryReadByte(out var count) || count > MaxTags) { return null; }
        var tags = ImmutableArray.CreateBuilder<string>(count);
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadLabel(out var tag)) { return null; }
            tags.Add(tag);
        }
        if (!reader.TryReadUInt64(out var issued) || !reader.TryReadUInt64(out var expires) || !reader.TryReadUInt64(out var serial)) { return null; }
        return new()
        {
            Network = new(network), Node = node, Name = name, User = new(user), App = app.Length == 0 ? default : new(app),
            IsGateway = (flags & GatewayFlag) != 0, SubCluster = new(subCluster), Class = (NodeClass)nodeClass, Tags = tags.MoveToImmutable(),
            Issued = issued, Expires = expires, Serial = serial, Consent = default,
        };
    }

    private static void Validate(NodeAdmission admission)
    {
        if (admission.Name.Length == 0 || !WireFields.Fits(admission.Name, StatementBody.MaxName))
        {
            throw new ArgumentException($"A node's name has 1 to {StatementBody.MaxName} bytes.", nameof(admission));
        }
        if (admission.Tags.Length > MaxTags || admission.Tags.Any(static tag => !Labels.IsValid(tag)))
        {
            throw new ArgumentException($"A node has at most {MaxTags} tags, from a-z, 0-9, '.', '-' and '_'.", nameof(admission));
        }
        if (admission.SubCluster.IsDefault) { throw new ArgumentException("A node belongs to a sub-cluster.", nameof(admission)); }
        if (!HasConsent(admission.User, admission.Network, admission.Node, admission.Consent.Span))
        {
            throw new ArgumentException("The user has not signed that this is a node of theirs.", nameof(admission));
        }
    }

    private static byte[] ConsentBytes(NetworkId network, NodeId node)
    {
        var bytes = new byte[ConsentDomain.Length + NetworkId.Size + NodeId.Size];
        var writer = new SpanWriter(bytes);
        writer.WriteBytes(ConsentDomain);
        writer.WriteKey(network.Key);
        writer.WriteKey(node);
        return bytes;
    }
}
