using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Mails;

/// <summary>
/// Mail that is to be sent, written in the transaction of what it tells of. It goes after the answer: a request must not take longer where a mail is sent than where none is, and
/// what is written is the same for both. It rests sealed and padded, as it may hold a code or the address of somebody who has no account.
/// </summary>
internal sealed class MailOutbox(Database database, ServerSecret secret, TimeProvider time, ILogger<MailOutbox> logger)
{
    /// <summary>The notice of a mail, and the lane of those that write one.</summary>
    public const string Channel = "mail";

    /// <summary>How long what tells somebody of the own account is of use.</summary>
    public static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(3);

    // Chosen: while nothing can be sent, nobody finds more than this when it can be; and what strangers can cause has an end.
    private const int MaxOfRecipient = 10;
    private const long MaxWaiting = 100_000;

    private const string SealPurpose = "mail";
    private const int Padding = 1024;

    private long _position;

    /// <summary>Does work that writes mail. All of it reads how much there is and would meet in the database, so it takes turns.</summary>
    public Task<T> WriteAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken) => database.WriteInLaneAsync(Channel, work, cancellationToken);

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Func<Session, Task> work, CancellationToken cancellationToken) => WriteAsync(
        async session =>
        {
            await work(session);
            return true;
        },
        cancellationToken);

    /// <summary>Takes what anybody can cause who knows an address.</summary>
    /// <param name="session">The transaction of what it is about.</param>
    /// <param name="to">The address.</param>
    /// <param name="mail">The mail; null where none is to go, which takes as much work and shows nowhere.</param>
    /// <param name="lifetime">How long it is of use.</param>
    /// <exception cref="ApiException">Too many wait.</exception>
    public async Task AskAsync(Session session, EmailAddress to, Mail? mail, TimeSpan lifetime)
    {
        if (await session.AnyAsync($"SELECT 1 FROM mails LIMIT 1 OFFSET {MaxWaiting}"))
        {
            throw new ApiException(ProblemCode.Unavailable, "Too many people wait for mail. Try again later.") { RetryAfter = TimeSpan.FromMinutes(10) };
        }
        await AddAsync(session, to, mail, lifetime);
    }

    /// <summary>Takes what tells somebody of the own account. What others caused does not keep it out.</summary>
    public Task TellAsync(Session session, Mail mail) => AddAsync(session, mail.To, mail, LongestLifetime);

    /// <summary>Opens what rests.</summary>
    /// <returns>The mail, without a name; null where none is to go.</returns>
    /// <exception cref="StorageException">It was sealed by another secret.</exception>
    public Mail? Open(byte[] box)
    {
        var (to, subject, text) = JsonSerializer.Deserialize<Content>(secret.Open(SealPurpose, box), ApiJson.Options)!;
        return EmailAddress.TryParse(to, out var address) ? new(address, subject, text) : null;
    }

    private async Task AddAsync(Session session, EmailAddress to, Mail? mail, TimeSpan lifetime)
    {
        var recipient = HMACSHA256.HashData(secret.Derive("mail recipients"), Encoding.UTF8.GetBytes(to.Text));
        if (await session.NumberAsync($"SELECT COUNT(*) FROM mails WHERE recipient = {recipient}") >= MaxOfRecipient)
        {
            MailMetrics.Dropped();
            MailLog.Dropped(logger);
            return;
        }
        var now = time.GetUtcNow();
        await session.ExecuteAsync(
            $"""
            INSERT INTO mails (id, recipient, sealed, position, attempts, created, next, expires)
            VALUES ({Identifiers.New("mail")}, {recipient}, {Seal(mail)}, {NextPosition(now)}, {0L}, {now}, {now}, {now + lifetime})
            """);
        session.Notify(Channel, "");
    }

    private byte[] Seal(Mail? mail)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(mail is null ? new Content("", "", "") : new Content(mail.To.Text, mail.Subject, mail.Text), ApiJson.Options);
        var padded = new byte[(content.Length + Padding - 1) / Padding * Padding];
        padded.AsSpan().Fill((byte)' '); // which JSON passes over
        content.CopyTo(padded, 0);
        return secret.Seal(SealPurpose, padded);
    }

    // Rises within a millisecond, too, so that mails of one instance go in the order in which they were written.
    private long NextPosition(DateTimeOffset now)
    {
        while (true)
        {
            var last = Interlocked.Read(ref _position);
            var next = Math.Max(last + 1, now.ToUnixTimeMilliseconds() << 12);
            if (Interlocked.CompareExchange(ref _position, next, last) == last) { return next; }
        }
    }

    private sealed record Content(string To, string Subject, string Text);
}
