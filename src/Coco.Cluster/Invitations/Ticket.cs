using Coco.Cluster.Membership;

namespace Coco.Cluster.Invitations;

/// <summary>
/// An invitation into a network, good for one node: who holds it may join, so it is passed on as carefully as a key. Only the node that made
/// it keeps track of its use; where several sponsors are named, the others know of the ticket what the maker told them.
/// </summary>
public sealed partial class Ticket
{
    /// <summary>Sponsors a ticket may name.</summary>
    public const int MaxSponsors = 3;

    internal Ticket(NetworkId network, TicketSecret secret, TicketTerms terms, IReadOnlyList<TicketSponsor> sponsors)
    {
        if (terms.Role is not (Role.Guest or Role.Admin)) { throw new ArgumentException("A ticket makes guests or admins.", nameof(terms)); }
        if (sponsors.Count is 0 or > MaxSponsors) { throw new ArgumentException($"A ticket names 1 to {MaxSponsors} sponsors.", nameof(sponsors)); }
        (Network, Secret, Terms, Sponsors, Id) = (network, secret, terms, [.. sponsors], secret.Id);
    }

    /// <summary>The network it leads into.</summary>
    public NetworkId Network { get; }

    /// <summary>Its name, in the sponsor's list.</summary>
    public TicketId Id { get; }

    /// <summary>What the inviter fixed.</summary>
    public TicketTerms Terms { get; }

    /// <summary>Where to join.</summary>
    public IReadOnlyList<TicketSponsor> Sponsors { get; }

    internal TicketSecret Secret { get; }

    /// <summary>Names the ticket, and gives nothing of the secret away.</summary>
    public override string ToString() => $"ticket {Id} of {Network}";
}
