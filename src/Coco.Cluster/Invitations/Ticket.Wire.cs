using System.Diagnostics.CodeAnalysis;
using Coco.Cluster.Membership;
using Coco.Crypto;
using Coco.Quic.Packets;
using Coco.Traversal.Relays;

namespace Coco.Cluster.Invitations;

/// <content>
/// <code>
/// text    = "coco1" ‖ base32( ticket ‖ checksum 4 )                                     (ArmouredText)
/// ticket  = version u8: 1 ‖ network 32 ‖ secret 16 ‖ role u8: 1 admin, 2 guest ‖ expiry u64 ‖ sub-cluster (text, may be empty)
///           ‖ count u8 (1–3) ‖ count × sponsor ‖ anything a later version adds, which is ignored      at most 2,560 bytes
/// sponsor = NodeId 32 ‖ count u8 (0–2) × relay ‖ count u8 (0–8) × address               (as in address records)
/// </code>
/// </content>
public sealed partial class Ticket
{
    /// <summary>Bytes a ticket may have: as many as a QR code takes.</summary>
    public const int MaxLength = 2560;

    private const string Prefix = "coco1";
    private const byte Version = 1;

    /// <summary>The ticket as text, to be copied. Whoever reads it can join.</summary>
    public string ToText()
    {
        Span<byte> bytes = stackalloc byte[MaxLength];
        return ArmouredText.Write(Prefix, bytes[..Write(bytes)]);
    }

    /// <summary>The ticket for a QR code in alphanumeric mode: the same text in upper case.</summary>
    public string ToQrText() => ToText().ToUpperInvariant();

    /// <summary>Reads what <see cref="ToText"/> or <see cref="ToQrText"/> wrote, white space aside.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out Ticket? ticket)
    {
        ticket = null;
        return ArmouredText.TryRead(Prefix, text, MaxLength, out var bytes) && TryRead(bytes, out ticket);
    }

    internal int Write(Span<byte> destination)
    {
        var writer = new SpanWriter(destination);
        writer.WriteByte(Version);
        Network.Key.CopyTo(writer.Reserve(NetworkId.Size));
        Secret.CopyTo(writer.Reserve(TicketSecret.Size));
        writer.WriteByte((byte)Terms.Role);
        writer.WriteUInt64(Terms.Expiry);
        WireText.Write(ref writer, Terms.SubCluster.Name);
        writer.WriteByte((byte)Sponsors.Count);
        foreach (var sponsor in Sponsors)
        {
            sponsor.Id.CopyTo(writer.Reserve(NodeId.Size));
            writer.WriteByte((byte)sponsor.Relays.Count);
            foreach (var relay in sponsor.Relays) { relay.Write(ref writer); }
            writer.WriteByte((byte)sponsor.Addresses.Count);
            foreach (var address in sponsor.Addresses) { address.Write(writer.Reserve(address.WireLength)); }
        }
        return writer.Position;
    }

    internal static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Ticket? ticket)
    {
        ticket = null;
        var reader = new SpanReader(bytes);
        if (bytes.Length > MaxLength || !reader.TryReadByte(out var version) || version != Version) { return false; }
        if (!reader.TryReadBytes(NetworkId.Size, out var network) || !reader.TryReadBytes(TicketSecret.Size, out var secret)) { return false; }
        if (!reader.TryReadByte(out var role) || (Role)role is not (Role.Guest or Role.Admin)) { return false; }
        if (!reader.TryReadUInt64(out var expiry) || !WireText.TryReadLabel(ref reader, orEmpty: true, out var subCluster)) { return false; }
        if (!reader.TryReadByte(out var count) || count is 0 or > MaxSponsors) { return false; }
        var sponsors = new TicketSponsor[count];
        for (var i = 0; i < count; i++)
        {
            if (!TryReadSponsor(ref reader, out var sponsor)) { return false; }
            sponsors[i] = sponsor;
        }
        var terms = new TicketTerms((Role)role, subCluster.Length == 0 ? default : new(subCluster), expiry);
        ticket = new(new(NodeId.Read(network)), new(secret), terms, sponsors);
        return !ticket.Network.IsDefault;
    }

    private static bool TryReadSponsor(ref SpanReader reader, [NotNullWhen(true)] out TicketSponsor? sponsor)
    {
        sponsor = null;
        if (!reader.TryReadBytes(NodeId.Size, out var id) || NodeId.Read(id).IsDefault) { return false; }
        if (!reader.TryReadByte(out var count) || count > TicketSponsor.MaxRelays) { return false; }
        var relays = new RelayInfo[count];
        for (var i = 0; i < count; i++)
        {
            if (!RelayInfo.TryRead(ref reader, out var relay)) { return false; }
            relays[i] = relay!;
        }
        if (!RelayInfo.TryReadAddresses(ref reader, TicketSponsor.MaxAddresses, out var addresses)) { return false; }
        sponsor = new(NodeId.Read(id), relays, addresses);
        return true;
    }
}
