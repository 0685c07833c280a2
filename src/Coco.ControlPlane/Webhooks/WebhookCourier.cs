using Coco.ControlPlane.Operations;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Webhooks;

/// <summary>Takes events from the outbox to their targets: each hook's in order and one at a time, at least once, for a day. Hooks of one person have some of the places, never all.</summary>
internal sealed class WebhookCourier(Database database, WebhookSender sender, ServerSecret secret, TimeProvider time, ILogger<WebhookCourier> logger)
    : Courier<WebhookCourier.Due>(database, WebhookOutbox.Channel, time)
{
    public const string SealPurpose = "webhooks";

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(26); // the end of the day, and a pause: what is due later is of a clock that was ahead
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);
    private static readonly TimeSpan Memory = TimeSpan.FromDays(7);

    // Chosen: resolving a name takes a thread while it lasts. It takes eight people whose services all hang to fill the places.
    protected override int AtOnce => 32;

    protected override int AtOnceOfShare => 4;

    protected override void Failed(Exception exception) => WebhookLog.Failed(logger, exception);

    protected override Task SweepAsync(Session session) => session.ExecuteAsync($"DELETE FROM webhook_deliveries WHERE state <> {"pending"} AND next < {Time.GetUtcNow() - Memory}");

    // The first of each hook, if it is due: what comes after waits for it. The first of each person before anybody's second, and of nobody more than shows one that may begin.
    protected override Task<List<Due>> DueAsync(Session session) => session.QueryAsync(
        $"""
        SELECT * FROM (
          SELECT d.id, d.body, d.attempts, d.created, d.next, w.id AS webhook, w.url, w.secret, a.owner_account AS owner,
                 ROW_NUMBER() OVER (PARTITION BY a.owner_account ORDER BY d.next, d.id) AS turn
          FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook JOIN apps a ON a.id = w.app JOIN accounts p ON p.id = a.owner_account
          WHERE d.state = {"pending"} AND (d.next <= {Time.GetUtcNow()} OR d.next > {Time.GetUtcNow() + LongestWait}) AND w.state = {"active"} AND p.locked IS NULL
            AND NOT EXISTS (SELECT 1 FROM webhook_deliveries o WHERE o.webhook = d.webhook AND o.state = {"pending"} AND (o.position < d.position OR (o.position = d.position AND o.id < d.id)))
        ) due
        WHERE turn <= {2L * AtOnceOfShare} ORDER BY turn, next, id LIMIT {Most}
        """,
        row => new Due(row.Text("id"), row.Text("body"), row.Long("attempts"), row.Time("created"), row.Text("webhook"), row.Text("url"), row.Bytes("secret"), row.Text("owner")));

    protected override string KeyOf(Due due) => due.Webhook;

    protected override string ShareOf(Due due) => due.Owner;

    protected override async Task DeliverAsync(Due due, CancellationToken cancellationToken)
    {
        var status = await sender.SendAsync(due.Url, secret.Open(SealPurpose, due.Secret), due.Id, due.Body, cancellationToken);
        WebhookLog.Sent(logger, due.Id, due.Webhook, status);
        // In a lane: what many write at once shares a transaction and does not meet.
        await Database.WriteInLaneAsync(
            WebhookOutbox.Channel,
            async session =>
            {
                await RecordAsync(session, due, status);
                return true;
            },
            cancellationToken);
    }

    private async Task RecordAsync(Session session, Due due, int? status)
    {
        var now = Time.GetUtcNow();
        var isOver = now >= due.Created + Lifetime;
        var state = status is >= 200 and < 300 ? "delivered" : isOver ? "failed" : "pending";
        var pause = FirstPause * Math.Pow(2, Math.Min(due.Attempts, 10));
        var next = now + (pause < LongestPause ? pause : LongestPause);
        // What was given up while it was under way is not to be tried again, but it may have been told.
        var recorded = await session.ExecuteAsync(
            $"UPDATE webhook_deliveries SET state = {state}, attempts = attempts + 1, status = {(long?)status}, next = {next} WHERE id = {due.Id} AND (state = {"pending"} OR {state == "delivered"})");
        if (recorded == 0 || state != "failed") { return; }
        await session.ExecuteAsync($"UPDATE webhooks SET state = {"disabled"}, version = version + 1 WHERE id = {due.Webhook}");
        await session.ExecuteAsync($"UPDATE webhook_deliveries SET state = {"failed"} WHERE webhook = {due.Webhook} AND state = {"pending"}");
        WebhookLog.Disabled(logger, due.Webhook);
    }

    internal sealed record Due(string Id, string Body, long Attempts, DateTimeOffset Created, string Webhook, string Url, byte[] Secret, string Owner);
}
