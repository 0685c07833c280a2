using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Coco.Cluster.Invitations;

namespace Coco.ControlPlane.Client;

/// <summary>
/// An invitation's link: <c>https://CONTROL PLANE/join/NAME#TICKET</c>. Browsers do not send what is behind the <c>#</c> (RFC 9110 §4.2.5), and nothing here does.
/// A newcomer shows the inviter that it has the ticket by
/// <code>
/// HMAC-SHA256( key of the ticket, "coco request v1" ‖ invitation ‖ 0 ‖ information )
/// </code>
/// which is good for this node and for nothing else: not for joining at a sponsor, whose proofs have other names.
/// </summary>
public sealed class JoinLink
{
    private const ulong MaxUnixSeconds = 253_402_300_799; // the end of the year 9999, of DateTimeOffset

    private JoinLink(Uri address, string invitation, Ticket ticket) => (Address, Invitation, Ticket) = (address, invitation, ticket);

    /// <summary>Where the control plane is.</summary>
    public Uri Address { get; }

    /// <summary>The invitation's name there.</summary>
    public string Invitation { get; }

    /// <summary>The ticket. Where its sponsor is there, <see cref="Node.JoinAsync(Cluster.Invitations.Ticket, NodeOptions, CancellationToken)"/> needs no control plane.</summary>
    public Ticket Ticket { get; }

    /// <summary>Reads a link.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out JoinLink? link)
    {
        link = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http") || uri.Fragment.Length < 2) { return false; }
        if (uri.Segments is not ["/", "join/", var name] || name.EndsWith('/') || !Ticket.TryParse(uri.Fragment.AsSpan(1), out var ticket)) { return false; }
        link = new(new(uri.GetLeftPart(UriPartial.Authority)), name, ticket);
        return true;
    }

    /// <summary>The link as text. Whoever has it can join.</summary>
    public string ToText() => $"{Address.GetLeftPart(UriPartial.Authority)}/join/{Invitation}#{Ticket.ToText()}";

    /// <summary>
    /// A whole message for the inviter's own mail program, as a <c>mailto:</c> URI (RFC 6068). It holds the link, so whoever has it can join: it is for a program on this machine, never for the control plane.
    /// </summary>
    /// <param name="to">The address of mail; null where the inviter writes it.</param>
    public string ToMailLink(string? to = null)
    {
        // §2: line ends are CRLF. All that an address may be taken apart by is encoded, so it can add no header.
        var recipient = Uri.EscapeDataString(to ?? "").Replace("%40", "@", StringComparison.Ordinal);
        var until = DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(Ticket.Terms.Expiry, MaxUnixSeconds)).UtcDateTime.ToString("d MMMM yyyy, HH:mm", CultureInfo.InvariantCulture);
        var body = $"I invite you to my private network. Copy this whole link into your Coco app, under Join:\r\n\r\n{ToText()}\r\n\r\nWhoever has it can join instead of you, so pass it on to nobody. It is good until {until} UTC.\r\n";
        return $"mailto:{recipient}?subject={Uri.EscapeDataString("Join my private network")}&body={Uri.EscapeDataString(body)}";
    }

    /// <summary>Names the link, and gives nothing of the secret away.</summary>
    public override string ToString() => $"invitation {Invitation} at {Address}";

    internal static JoinLink Make(Uri address, string invitation, Ticket ticket) => new(address, invitation, ticket);

    internal string MacOf(string information)
    {
        Span<byte> key = stackalloc byte[TicketKey.Size];
        Ticket.Secret.DeriveKey().CopyTo(key);
        return Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"coco request v1{Invitation}\0{information}")));
    }

    internal bool IsBy(string mac, string information) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(mac), Encoding.UTF8.GetBytes(MacOf(information)));
}
