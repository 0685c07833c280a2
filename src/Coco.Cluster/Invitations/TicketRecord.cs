using System.Diagnostics.CodeAnalysis;
using Coco.Cluster.Certificates;
using Coco.Cluster.Membership;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Invitations;

/// <summary>
/// What the inviter keeps of a ticket: enough to recognise it and to repeat the answer, not enough to write it out again.
/// <code>
/// record = version u8: 1, or 2 with tags ‖ id 16 ‖ key 32 ‖ role u8 ‖ expiry u64 ‖ sub-cluster (text)
///          ‖ in version 2: count u8 (1–16) × tag (text) ‖ state u8
///          ‖ when used: node 32 ‖ user 32 ‖ certificate (varint length ‖ bytes; empty when not made yet)
/// </code>
/// </summary>
internal sealed record TicketRecord(TicketId Id, TicketKey Key, TicketTerms Terms)
{
    public const int MaxLength = WelcomeMessage.MaxCertificateLength + 512 + (NodeCertificate.MaxTags * (Labels.MaxLength + 1));

    private const byte Version = 1;
    private const byte VersionWithTags = 2;

    public TicketState State { get; init; }

    /// <summary>The only node the ticket is good for, once it is used.</summary>
    public NodeId Node { get; init; }

    public UserId User { get; init; }

    public ReadOnlyMemory<byte> Certificate { get; init; }

    public byte[] Encode()
    {
        var bytes = new byte[MaxLength];
        var writer = new SpanWriter(bytes);
        writer.WriteByte(Terms.Tags.Count == 0 ? Version : VersionWithTags);
        Id.CopyTo(writer.Reserve(TicketId.Size));
        Key.CopyTo(writer.Reserve(TicketKey.Size));
        writer.WriteByte((byte)Terms.Role);
        writer.WriteUInt64(Terms.Expiry);
        WireText.Write(ref writer, Terms.SubCluster.Name);
        if (Terms.Tags.Count > 0)
        {
            writer.WriteByte((byte)Terms.Tags.Count);
            foreach (var tag in Terms.Tags) { WireText.Write(ref writer, tag); }
        }
        writer.WriteByte((byte)State);
        if (State is TicketState.Used)
        {
            Node.CopyTo(writer.Reserve(NodeId.Size));
            User.Key.CopyTo(writer.Reserve(UserId.Size));
            writer.WriteVarInt((ulong)Certificate.Length);
            writer.WriteBytes(Certificate.Span);
        }
        return bytes[..writer.Position];
    }

    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TicketRecord? record)
    {
        record = null;
        var reader = new SpanReader(bytes);
        if (!reader.TryReadByte(out var version) || version is not (Version or VersionWithTags) || !reader.TryReadBytes(TicketId.Size, out var id)) { return false; }
        if (!reader.TryReadBytes(TicketKey.Size, out var key) || !reader.TryReadByte(out var role)) { return false; }
        if ((Role)role is not (Role.Guest or Role.Admin) || !reader.TryReadUInt64(out var expiry)) { return false; }
        if (!WireText.TryReadLabel(ref reader, orEmpty: true, out var subCluster)) { return false; }
        if (!TryReadTags(ref reader, version, out var tags) || !reader.TryReadByte(out var state)) { return false; }
        var terms = new TicketTerms((Role)role, subCluster.Length == 0 ? default : new(subCluster), expiry) { Tags = tags };
        var read = new TicketRecord(TicketId.Read(id), new(key), terms) { State = (TicketState)state };
        if (read.State is TicketState.Used)
        {
            if (!reader.TryReadBytes(NodeId.Size, out var node) || !reader.TryReadBytes(UserId.Size, out var user)) { return false; }
            if (!reader.TryReadVarIntBytes(out var certificate) || certificate.Length > WelcomeMessage.MaxCertificateLength) { return false; }
            read = read with { Node = NodeId.Read(node), User = new(NodeId.Read(user)), Certificate = certificate.ToArray() };
        }
        if (!reader.IsEmpty || read.State is not (TicketState.Open or TicketState.Revoked or TicketState.Used)) { return false; }
        record = read;
        return true;
    }

    private static bool TryReadTags(ref SpanReader reader, byte version, out string[] tags)
    {
        tags = [];
        if (version == Version) { return true; }
        if (!reader.TryReadByte(out var count) || count is 0 or > NodeCertificate.MaxTags) { return false; }
        tags = new string[count];
        for (var i = 0; i < count; i++)
        {
            if (!WireText.TryReadLabel(ref reader, orEmpty: false, out tags[i]!)) { return false; }
        }
        return true;
    }
}
