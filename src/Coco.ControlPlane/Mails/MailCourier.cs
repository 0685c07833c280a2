using Coco.ControlPlane.Operations;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Mails;

/// <summary>Takes mail from the outbox to the sender, at least once, as long as it is of use. What was handed on is erased.</summary>
internal sealed class MailCourier(Database database, MailOutbox outbox, IMailSender sender, ControlPlaneSettings settings, TimeProvider time, ILogger<MailCourier> logger)
    : Courier<MailCourier.Due>(database, MailOutbox.Channel, time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    /// <summary>How long sending one may take. Well below a lease.</summary>
    public TimeSpan Patience { get; set; } = settings.Mail.Timeout;

    protected override void Failed(Exception exception) => MailLog.Failed(logger, exception);

    protected override async Task<List<Due>> DueAsync(Session session)
    {
        var now = Time.GetUtcNow();
        var due = await session.QueryAsync($"SELECT * FROM mails WHERE next <= {now} ORDER BY next, position LIMIT {Most}", Read);
        // What is due later than any can be is of a clock that was ahead.
        return due.Count > 0 ? due : await session.QueryAsync($"SELECT * FROM mails WHERE next > {now + LongestPause + LongestPause} ORDER BY next, position LIMIT {Most}", Read);
    }

    protected override string KeyOf(Due due) => due.Id;

    protected override async Task DeliverAsync(Due due, CancellationToken cancellationToken)
    {
        var now = Time.GetUtcNow();
        var isOver = now >= due.Expires;
        var problem = isOver ? null : await TrySendAsync(due, cancellationToken);
        if (isOver)
        {
            MailMetrics.GivenUp();
            MailLog.GivenUp(logger, due.Id, due.Attempts);
        }
        if (problem is null)
        {
            await outbox.WriteAsync(session => session.ExecuteAsync($"DELETE FROM mails WHERE id = {due.Id}"), cancellationToken);
            return;
        }
        MailMetrics.Failed();
        MailLog.NotSent(logger, due.Id, problem);
        var pause = FirstPause * Math.Pow(2, Math.Min(due.Attempts, 10));
        var next = now + (pause < LongestPause ? pause : LongestPause);
        await outbox.WriteAsync(session => session.ExecuteAsync($"UPDATE mails SET attempts = attempts + 1, next = {next} WHERE id = {due.Id}"), cancellationToken);
    }

    private static Due Read(Row row) => new(row.Text("id"), row.Bytes("sealed"), row.Long("attempts"), row.Time("created"), row.Time("expires"));

    // What is wrong; null when nothing is.
    private async Task<string?> TrySendAsync(Due due, CancellationToken cancellationToken)
    {
        try
        {
            if (outbox.Open(due.Sealed) is not { } mail) { return null; }
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(Patience);
            // A sender that does not listen to the token holds nobody up either.
            await sender.SendAsync(mail with { Id = due.Id, Created = due.Created }, patience.Token).WaitAsync(Patience, cancellationToken);
            MailMetrics.Sent();
            MailLog.Sent(logger, due.Id);
            return null;
        }
        catch (MailRefusedException refused) when (refused.IsFinal)
        {
            MailMetrics.Refused();
            MailLog.Refused(logger, due.Id, refused.Message);
            return null;
        }
        catch (MailRefusedException refused)
        {
            return refused.Message;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The message of a mail system may hold the address.
            return exception.GetType().Name;
        }
    }

    internal sealed record Due(string Id, byte[] Sealed, long Attempts, DateTimeOffset Created, DateTimeOffset Expires);
}
