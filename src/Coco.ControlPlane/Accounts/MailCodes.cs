using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Mails;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Accounts;

/// <summary>Codes that go out by mail: 32 random bytes, kept as SHA-256, good once and for a while.</summary>
internal sealed class MailCodes(TimeProvider time)
{
    private const int Size = 32;

    // Nobody gets more mail than this by the doing of strangers, and the table has an end.
    private const int MaxPerHour = 5;
    private const long MaxRows = 100_000;

    /// <summary>How long one is good.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>Makes one.</summary>
    /// <returns>The text for the mail; null when this address had enough mail for now.</returns>
    public async Task<string?> TryIssueAsync(Session session, MailPurpose purpose, EmailAddress address, string? account = null, string? password = null)
    {
        var now = time.GetUtcNow();
        var recent = await session.NumberAsync($"SELECT COUNT(*) FROM mail_codes WHERE email = {address.Text} AND created > {now - Lifetime} AND created < {now + Lifetime}");
        if (recent >= MaxPerHour) { return null; }
        if (await session.AnyAsync($"SELECT 1 FROM mail_codes LIMIT 1 OFFSET {MaxRows}"))
        {
            throw new ApiException(ProblemCode.Unavailable, "Too many people wait for mail. Try again later.") { RetryAfter = TimeSpan.FromMinutes(10) };
        }
        var text = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Size));
        await session.ExecuteAsync(
            $"""
            INSERT INTO mail_codes (hash, purpose, email, account_id, password, created, expires)
            VALUES ({HashOf(text)}, {purpose.ToString()}, {address.Text}, {account}, {password}, {now}, {now + Lifetime})
            """);
        return text;
    }

    public Task<MailCode?> FindAsync(Session session, MailPurpose purpose, string code) => session.FirstAsync(
        $"SELECT email, account_id, password FROM mail_codes WHERE hash = {HashOf(code)} AND purpose = {purpose.ToString()} AND expires > {time.GetUtcNow()} AND expires < {time.GetUtcNow() + (2 * Lifetime)}", // one of a clock that was far ahead is as good as an old one
        row => new MailCode(row.Text("email"), row.TextOrNull("account_id"), row.TextOrNull("password")));

    /// <summary>Takes a code, which is over then.</summary>
    /// <exception cref="ApiException">It was never made, was used, or has expired.</exception>
    public async Task<MailCode> TakeAsync(Session session, MailPurpose purpose, string code)
    {
        var found = await FindAsync(session, purpose, code) ?? throw Over;
        await session.ExecuteAsync($"DELETE FROM mail_codes WHERE hash = {HashOf(code)}");
        return found;
    }

    public static ApiException Over => new(ProblemCode.Gone, "The link was used, or is too old. Ask for another.");

    private static byte[] HashOf(string code) => SHA256.HashData(Encoding.UTF8.GetBytes(code));
}
