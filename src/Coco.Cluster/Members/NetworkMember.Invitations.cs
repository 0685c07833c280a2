using Coco.Cluster.Certificates;
using Coco.Cluster.Invitations;
using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Members;

/// <content>Letting others in: by ticket, or by information that goes back and forth without a connection.</content>
internal sealed partial class NetworkMember
{
    private ulong _serial;

    /// <summary>Makes a ticket, which comes out as <see cref="MemberOutput.Invited"/> once it is stored.</summary>
    /// <param name="terms">What the newcomer will be.</param>
    /// <param name="sponsors">Where to join; null for this node, by its own address record.</param>
    /// <param name="now">The time.</param>
    public TicketId Invite(TicketTerms terms, IReadOnlyList<TicketSponsor>? sponsors, TimeSpan now)
    {
        _now = now;
        RequireOffice();
        if (terms.Role is not (Role.Guest or Role.Admin)) { throw Invalid("A ticket makes guests or admins."); }
        RequireTags(terms);
        if (sponsors is { Count: 0 or > Ticket.MaxSponsors }) { throw Invalid($"A ticket names 1 to {Ticket.MaxSponsors} sponsors."); }
        if (!_sponsor.TryInvite(terms, sponsors ?? [SelfAsSponsor()], _time.At(now).UnixSeconds, out var id))
        {
            throw new MembershipException(MembershipError.NoRoom, "There are too many open tickets: revoke some, or wait until some expire.");
        }
        Finish();
        return id;
    }

    /// <summary>Takes a ticket back that nobody has used.</summary>
    public void RevokeTicket(TicketId ticket, TimeSpan now)
    {
        _now = now;
        if (!_sponsor.Revoke(ticket))
        {
            throw new MembershipException(MembershipError.Unknown, $"Ticket {ticket} is not one of this node's, or was used: then remove the node it let in.");
        }
        Finish();
    }

    /// <summary>The tickets this node keeps.</summary>
    public IEnumerable<TicketRecord> Tickets => _sponsor.Tickets;

    /// <summary>Admits one that has shown that it has a ticket of this node's, as the ticket says, which is used then.</summary>
    public AdmissionInformation AdmitByTicket(NodeInformation information, TicketId ticket, TimeSpan now)
    {
        _now = now;
        var terms = Tickets.FirstOrDefault(record => record.Id == ticket)?.Terms;
        if (terms is not null) { RequireAdmissible(information, terms); }
        if (terms is null || !_sponsor.TryUse(ticket, information.Node, information.Wish.User, _time.At(now).UnixSeconds))
        {
            throw new MembershipException(MembershipError.Unknown, $"Ticket {ticket} is not one of this node's, is over or taken back, or let another in.");
        }
        return Admit(information, terms, now);
    }

    /// <summary>Admits a node that handed out information of itself, and says what it needs to know.</summary>
    public AdmissionInformation Admit(NodeInformation information, TicketTerms terms, TimeSpan now)
    {
        _now = now;
        RequireAdmissible(information, terms);
        var certificate = CertificateFor(information.Node, information.Wish, terms);
        _roster.Add(certificate);
        if (information.Addresses is { } addresses) { TakeRecord(addresses, default); }
        var records = _addresses.Recent.Where(entry => entry.Record is not null && entry.Node != information.Node && SeeEachOther(entry.Node, information.Node))
            .OrderByDescending(entry => entry.Node == Self).Take(AdmissionInformation.MaxAddressRecords).Select(static entry => entry.Record!.Encoded).ToArray();
        Finish();
        return new(Network, information.Node, certificate.Encoded, StatementsForNewcomer(), records);
    }

    private void RequireAdmissible(NodeInformation information, TicketTerms terms)
    {
        RequireOffice();
        RequireTags(terms);
        if (information.Network != Network) { throw Invalid("The node has not said that it wants to be in this network: export its information for this one."); }
        if (WhyNotAdmitted(information.Node, information.Wish, terms) is { } refusal)
        {
            throw new MembershipException(MembershipError.NotAllowed, $"Node {information.Node} cannot be admitted: {refusal}.");
        }
    }

    /// <summary>Somebody opened a stream of the join protocol. The exporter is the connection's, under <see cref="JoinBinding.ExporterLabel"/>.</summary>
    public void HandleJoinOpened(ulong channel, NodeId joiner, ReadOnlyMemory<byte> exporter, TimeSpan now)
    {
        _now = now;
        _sponsor.HandleChannel(channel, joiner, exporter, now);
        Finish();
    }

    public void HandleJoinFrame(ulong channel, in JoinFrame frame, TimeSpan now)
    {
        _now = now;
        _sponsor.HandleFrame(channel, frame, _time.At(now).UnixSeconds, now);
        Finish();
    }

    public void HandleJoinClosed(ulong channel) => _sponsor.HandleChannelClosed(channel);

    internal JoinRefusal? WhyNotAdmitted(NodeId node, JoinWish wish, TicketTerms terms)
    {
        var state = State;
        if (_isRemoved || state.AuthorityOf(Keys.UserId) is null) { return JoinRefusal.NotAllowed; }
        if (!NodeCertificate.HasConsent(wish.User, Network, node, wish.UserSignature.Span)) { return JoinRefusal.NotAllowed; }
        if (wish.IsDevice && state.Owner != Keys.UserId) { return JoinRefusal.NotAllowed; } // devices are the owner's to add
        if (!WireFields.Fits(wish.Name, StatementBody.MaxName) || state.Facts.RevokedNodes.ContainsKey(node)) { return JoinRefusal.NotAllowed; }
        return state.RevokedUsers.Contains(wish.User) ? JoinRefusal.NotAllowed : null;
    }

    internal NodeCertificate CertificateFor(NodeId node, JoinWish wish, TicketTerms terms)
    {
        if (terms.Role is Role.Admin && State.RoleOf(wish.User) is not (Role.Admin or Role.Owner))
        {
            MakeStatement(new StatementBody.GrantRole(wish.User, Role.Admin, []));
        }
        var home = wish.IsDevice || wish.IsGateway ? SubClusterId.Core : new(wish.App.Name);
        return Sign(new()
        {
            Network = Network, Node = node, Name = wish.Name, User = wish.User, App = wish.App, IsGateway = wish.IsGateway,
            SubCluster = terms.SubCluster.IsDefault ? home : terms.SubCluster, Tags = [.. terms.Tags], Consent = wish.UserSignature,
        });
    }

    internal IReadOnlyList<ReadOnlyMemory<byte>> StatementsForNewcomer()
    {
        var known = _log.CollectMissing([], [], int.MaxValue).Where(statement => !_sync.IsUnstored(statement.Id)).ToArray();
        if (!_log.IsCompacted) { return [.. known.Select(static statement => statement.Encoded)]; }
        // The package first, so that the newcomer can install it, and what shows that we are in office.
        var package = WelcomeStatements.Unpack(_log.WritePackage());
        var offices = LinksFrom(State.AuthorityOf(Keys.UserId) ?? default);
        return [.. package, .. known.Concat(offices).Select(static statement => statement.Encoded)];
    }

    private NodeCertificate Sign(NodeAdmission admission)
    {
        try
        {
            return NodeCertificate.Sign(Keys.User, State.AuthorityOf(Keys.UserId) ?? default, admission with { Issued = Math.Max(SigningTime, admission.Issued + 1), Serial = _serial++ });
        }
        catch (ArgumentException exception) { throw new MembershipException(MembershipError.Invalid, exception.Message, exception); }
    }

    private static void RequireTags(TicketTerms terms)
    {
        if (terms.Tags.Count <= NodeCertificate.MaxTags && terms.Tags.All(static tag => Labels.IsValid(tag))) { return; }
        throw Invalid($"A node has at most {NodeCertificate.MaxTags} tags, from a-z, 0-9, '.', '-' and '_'.");
    }

    private TicketSponsor SelfAsSponsor()
    {
        var record = AddressOf(Self);
        return new(Self, [.. record?.Relays.Take(TicketSponsor.MaxRelays) ?? []], [.. record?.Addresses.Take(TicketSponsor.MaxAddresses) ?? []]);
    }

    private void TakeSponsorOutputs()
    {
        while (_sponsor.TryTakeOutput(out var output))
        {
            switch (output)
            {
                case SponsorOutput.Persist persist:
                    Keep(MemberTable.Tickets, KeyOf(persist.Record.Id), persist.Record.Encode());
                    Pending.Tickets.Add(persist.Number);
                    break;
                case SponsorOutput.Forget forget:
                    Keep(MemberTable.Tickets, KeyOf(forget.Ticket), default);
                    break;
                case SponsorOutput.Invited invited:
                    _outputs.Enqueue(new MemberOutput.Invited(invited.Ticket));
                    break;
                case SponsorOutput.Send send:
                    _outputs.Enqueue(new MemberOutput.JoinSend(send.Channel, send.Frame));
                    break;
                case SponsorOutput.Finish finish:
                    _outputs.Enqueue(new MemberOutput.JoinFinish(finish.Channel, finish.IsMember));
                    break;
                case SponsorOutput.Admitted admitted:
                    if (NodeCertificate.Read(admitted.Certificate.Span) is { } certificate) { _roster.Add(certificate); }
                    MemberLog.Joined(_logger, admitted.Node, admitted.Ticket);
                    Happened(new MemberEvent.Joined(admitted.Node));
                    break;
                case SponsorOutput.Denied denied:
                    MemberLog.Denied(_logger, denied.Node, denied.Reason);
                    break;
            }
        }
    }

    private static byte[] KeyOf(TicketId ticket)
    {
        var key = new byte[TicketId.Size];
        ticket.CopyTo(key);
        return key;
    }
}
