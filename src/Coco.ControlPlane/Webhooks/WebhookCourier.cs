using System.Threading.Channels;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Webhooks;

/// <summary>Takes events from the outbox to their targets: one instance at a time, by a lease; each hook's in order, at least once, for a day.</summary>
internal sealed class WebhookCourier(Database database, WebhookSender sender, ServerSecret secret, TimeProvider time, ILogger<WebhookCourier> logger) : BackgroundService
{
    public const string SealPurpose = "webhooks";

    private const string Lease = "webhooks";
    private const int AtOnce = 16;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LeaseTime = TimeSpan.FromMinutes(1); // several times the patience of one attempt
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(26); // the end of the day, and a pause: what is due later is of a clock that was ahead
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);
    private static readonly TimeSpan Memory = TimeSpan.FromDays(7);

    private readonly string _holder = Identifiers.New("ins");
    private readonly SemaphoreSlim _round = new(1);

    public override void Dispose()
    {
        _round.Dispose();
        base.Dispose();
    }

    /// <summary>Delivers what is due now.</summary>
    /// <returns>How many attempts were made.</returns>
    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        await _round.WaitAsync(cancellationToken);
        try
        {
            var attempts = 0;
            // With nothing due nothing is written; with the lease it is read again, as another instance may have had it.
            while ((await database.ReadAsync(DueAsync, cancellationToken)).Count > 0 && await HasLeaseAsync(cancellationToken))
            {
                var due = await database.ReadAsync(DueAsync, cancellationToken);
                if (due.Count == 0) { break; }
                await Task.WhenAll(due.Select(one => DeliverAsync(one, cancellationToken)));
                attempts += due.Count;
            }
            return attempts;
        }
        finally
        {
            _round.Release();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var listening = database.Listen(WebhookOutbox.Channel, _ => wake.Writer.TryWrite(true));
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync(stoppingToken);
                using var interval = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                interval.CancelAfter(Interval);
                await wake.Reader.ReadAsync(interval.Token);
            }
            catch (OperationCanceledException)
            {
            }
            catch (Exception exception) // the top of the loop: a database that is away comes back
            {
                WebhookLog.Failed(logger, exception);
                await Task.Delay(Interval, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private Task<bool> HasLeaseAsync(CancellationToken cancellationToken) => database.WriteAsync(
        async session =>
        {
            var now = time.GetUtcNow();
            await session.ExecuteAsync($"DELETE FROM webhook_deliveries WHERE state <> {"pending"} AND next < {now - Memory}");
            // A lease that ends later than any can is of a clock that was ahead, and its holder may be gone; as much again for instances whose clocks differ.
            await session.ExecuteAsync($"INSERT INTO leases (name, holder, until) VALUES ({Lease}, {_holder}, {now}) ON CONFLICT (name) DO NOTHING");
            return await session.ExecuteAsync($"UPDATE leases SET holder = {_holder}, until = {now + LeaseTime} WHERE name = {Lease} AND (holder = {_holder} OR until <= {now} OR until > {now + LeaseTime + LeaseTime})") > 0;
        },
        cancellationToken);

    // The first of each hook, if it is due: what comes after waits for it.
    private Task<List<Due>> DueAsync(Session session) => session.QueryAsync(
        $"""
        SELECT d.id, d.body, d.attempts, d.created, w.id AS webhook, w.url, w.secret FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook
        WHERE d.state = {"pending"} AND (d.next <= {time.GetUtcNow()} OR d.next > {time.GetUtcNow() + LongestWait}) AND w.state = {"active"}
          AND NOT EXISTS (SELECT 1 FROM webhook_deliveries o WHERE o.webhook = d.webhook AND o.state = {"pending"} AND (o.position < d.position OR (o.position = d.position AND o.id < d.id)))
        ORDER BY d.next LIMIT {(long)AtOnce}
        """,
        row => new Due(row.Text("id"), row.Text("body"), row.Long("attempts"), row.Time("created"), row.Text("webhook"), row.Text("url"), row.Bytes("secret")));

    private async Task DeliverAsync(Due due, CancellationToken cancellationToken)
    {
        var status = await sender.SendAsync(due.Url, secret.Open(SealPurpose, due.Secret), due.Id, due.Body, cancellationToken);
        WebhookLog.Sent(logger, due.Id, due.Webhook, status);
        await database.WriteAsync(session => RecordAsync(session, due, status), cancellationToken);
    }

    private async Task RecordAsync(Session session, Due due, int? status)
    {
        var now = time.GetUtcNow();
        var isOver = now >= due.Created + Lifetime;
        var state = status is >= 200 and < 300 ? "delivered" : isOver ? "failed" : "pending";
        var pause = FirstPause * Math.Pow(2, Math.Min(due.Attempts, 10));
        var next = now + (pause < LongestPause ? pause : LongestPause);
        await session.ExecuteAsync($"UPDATE webhook_deliveries SET state = {state}, attempts = attempts + 1, status = {(long?)status}, next = {next} WHERE id = {due.Id}");
        if (state != "failed") { return; }
        await session.ExecuteAsync($"UPDATE webhooks SET state = {"disabled"}, version = version + 1 WHERE id = {due.Webhook}");
        await session.ExecuteAsync($"UPDATE webhook_deliveries SET state = {"failed"} WHERE webhook = {due.Webhook} AND state = {"pending"}");
        WebhookLog.Disabled(logger, due.Webhook);
    }

    private sealed record Due(string Id, string Body, long Attempts, DateTimeOffset Created, string Webhook, string Url, byte[] Secret);
}
