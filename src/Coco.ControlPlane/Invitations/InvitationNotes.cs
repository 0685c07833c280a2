using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Coco.ControlPlane.Accounts;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Mails;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Invitations;

/// <summary>
/// Notes by mail to people who are invited: who invites, to what, and that the link comes from the inviter. The link itself cannot be in them, as its key is the inviter's alone. All
/// that a sender can write of is an address that was confirmed and a network's name, if it is nothing but one. Where nothing is sent, because the reader wants none or had enough, the sender is
/// not told: it would tell of others.
/// </summary>
internal sealed class InvitationNotes(MailOutbox mails, ServerSecret secret, PublicAddress address, TimeProvider time)
{
    public const string RefusalPath = "/no-notes";

    // Chosen: a family or a team in a day. Whoever has more to invite has a list and a mail program of their own.
    private const int MaxOfAccount = 20;
    private const int MaxOfNetwork = 50;
    private const int MaxOfInvitation = 3;
    private const int MaxOfRecipient = 3;

    private const string RefusalPurpose = "note refusals";

    /// <summary>How long notes are counted.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    /// <summary>Writes a note for somebody.</summary>
    /// <exception cref="ApiException">This account, network or invitation has had as many as it may, or the address is none.</exception>
    public async Task SendAsync(Session session, Caller caller, InvitationRow invitation, string email)
    {
        if (!EmailAddress.TryParse(email, out var to)) { throw new ApiException(ProblemCode.Invalid, "email is no address of mail that can be used here."); }
        var now = time.GetUtcNow();
        if (invitation.StateAt(now) is not "open" and var state) { throw new ApiException(ProblemCode.Gone, $"The invitation is {state}. Make another."); }
        var inviter = await AccountStore.FindAsync(session, caller.AccountId!) ?? throw ApiException.NotFound("account");
        if (!IsPlainAddress(inviter.Email)) { throw new ApiException(ProblemCode.Conflict, "Notes are not sent for an address such as yours. Write to whom you invite, with the link."); }
        var recipient = HashOf(to);
        await RequireRoomAsync(session, inviter, invitation, now);
        var mayGet = await CountAsync(session, $"recipient = {recipient}", now) < MaxOfRecipient && !await session.AnyAsync($"SELECT 1 FROM note_refusals WHERE recipient = {recipient}");
        await session.ExecuteAsync(
            $"INSERT INTO invitation_notes (id, account, network, invitation, recipient, created) VALUES ({Identifiers.New("note")}, {inviter.Id}, {invitation.Network}, {invitation.Id}, {recipient}, {now})");
        var name = await session.FirstAsync($"SELECT name FROM networks WHERE id = {invitation.Network}", row => row.Text("name"));
        var lifetime = invitation.Expires - now;
        await mails.AskAsync(session, to, mayGet ? Note(to, inviter.Email, name ?? "", recipient, invitation.Expires) : null, lifetime < Memory ? lifetime : Memory);
    }

    /// <summary>Sends an address no more notes, whoever invites.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="code">What stands in the link of a note.</param>
    /// <exception cref="ApiException">It is none of ours.</exception>
    public Task<int> RefuseAsync(Session session, string code)
    {
        var recipient = RecipientOf(code) ?? throw new ApiException(ProblemCode.Invalid, "This link is not whole. Open it as it stands in the mail.");
        return session.ExecuteAsync($"INSERT INTO note_refusals (recipient, created) VALUES ({recipient}, {time.GetUtcNow()}) ON CONFLICT (recipient) DO NOTHING");
    }

    /// <summary>Whether a network's name is nothing but a name: no address that mail programs make a link of, no number to call, nothing that says more than a name does.</summary>
    public static bool IsPlainName(string name) =>
        name.Length is > 0 and <= 32 && name.Trim() == name && name.Count(char.IsDigit) <= 4 && name.EnumerateRunes().All(static rune =>
            Rune.IsLetterOrDigit(rune) || rune.Value is ' ' or '-' or '\'' || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);

    private static bool IsPlainAddress(string email) => email.All(static character => char.IsAsciiLetterOrDigit(character) || character is '@' or '.' or '-' or '_' or '+');

    private static async Task RequireRoomAsync(Session session, Account inviter, InvitationRow invitation, DateTimeOffset now)
    {
        if (await CountAsync(session, $"invitation = {invitation.Id}", now) >= MaxOfInvitation)
        {
            throw new ApiException(ProblemCode.Conflict, $"This invitation has had {MaxOfInvitation} notes, and lets one in. Make another for somebody else.");
        }
        if (await CountAsync(session, $"account = {inviter.Id}", now) >= MaxOfAccount || await CountAsync(session, $"network = {invitation.Network}", now) >= MaxOfNetwork)
        {
            throw new ApiException(ProblemCode.TooManyRequests, $"{MaxOfAccount} notes a day are sent for one person and {MaxOfNetwork} for one network. Write to whom you invite, with the link.")
            {
                RetryAfter = TimeSpan.FromHours(1),
            };
        }
    }

    // What a clock counted that was far ahead does not count.
    private static async Task<long> CountAsync(Session session, SqlText which, DateTimeOffset now) =>
        await session.NumberAsync($"SELECT COUNT(*) FROM invitation_notes WHERE {which} AND created > {now - Memory} AND created < {now + Memory}") ?? 0;

    private byte[] HashOf(EmailAddress to) => HMACSHA256.HashData(secret.Derive("note recipients"), Encoding.UTF8.GetBytes(to.Text));

    private byte[]? RecipientOf(string code)
    {
        try
        {
            return code.Length is > 0 and < 200 && Base64Url.IsValid(code) ? secret.Open(RefusalPurpose, Base64Url.DecodeFromChars(code)) : null;
        }
        catch (StorageException)
        {
            return null;
        }
    }

    private Mail Note(EmailAddress to, string inviter, string network, byte[] recipient, DateTimeOffset expires)
    {
        var which = IsPlainName(network) ? $"the private network \"{network}\"" : "a private network";
        var until = expires.UtcDateTime.ToString("d MMMM yyyy, HH:mm", CultureInfo.InvariantCulture);
        return new(to, "You are invited to a private network", $"""
            {inviter} invites you to {which}, by {address.Url}.

            This is a note and not the invitation. That is a link which {inviter} sends you, in whatever way the two of you write to each other. It begins with

            {address.Url}/join/

            and ends with a long key after a #. The key is not in this mail, as only who invites you has it. The link is good until {until} UTC.

            If you do not know {inviter}, do nothing. No more such notes, whoever invites you:

            {address.Url}{RefusalPath}?code={Base64Url.EncodeToString(secret.Seal(RefusalPurpose, recipient))}
            """);
    }
}
