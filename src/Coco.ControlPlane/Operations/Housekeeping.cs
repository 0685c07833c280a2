using Coco.ControlPlane.Accounts;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Invitations;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Operations;

/// <summary>Forgets what nobody can need any more, a little at a time, so that no request waits for it.</summary>
internal sealed class Housekeeping(Database database, ControlPlaneSettings settings, TimeProvider time, ILogger<Housekeeping> logger) : BackgroundService
{
    private const int Batch = 500;

    // Chosen: expired tokens stay for a while, so that a refresh token used twice is still known to be one.
    private static readonly TimeSpan TokenMemory = TimeSpan.FromDays(30);

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    /// <summary>Does it now.</summary>
    /// <returns>How many rows went.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (keys, tokens) = (now - ApiWriter.Memory, now - TokenMemory);
        var total = await RepeatAsync(
            session => session.ExecuteAsync($"DELETE FROM idempotency_keys WHERE (caller, key) IN (SELECT caller, key FROM idempotency_keys WHERE created < {keys} LIMIT {Batch})"), cancellationToken);
        total += await RepeatAsync(session => session.ExecuteAsync($"DELETE FROM authorization_codes WHERE hash IN (SELECT hash FROM authorization_codes WHERE expires < {tokens} LIMIT {Batch})"), cancellationToken);
        total += await RepeatAsync(session => session.ExecuteAsync($"DELETE FROM mail_codes WHERE hash IN (SELECT hash FROM mail_codes WHERE expires < {now} LIMIT {Batch})"), cancellationToken);
        total += await RepeatAsync(session => session.ExecuteAsync($"DELETE FROM passkey_challenges WHERE hash IN (SELECT hash FROM passkey_challenges WHERE expires < {now} LIMIT {Batch})"), cancellationToken);
        total += await RepeatAsync(session => session.ExecuteAsync($"DELETE FROM sign_in_failures WHERE bucket IN (SELECT bucket FROM sign_in_failures WHERE last < {now - LockOut.Memory} LIMIT {Batch})"), cancellationToken);
        total += await RepeatAsync(session => session.ExecuteAsync($"DELETE FROM invitation_notes WHERE id IN (SELECT id FROM invitation_notes WHERE created < {now - InvitationNotes.Memory} LIMIT {Batch})"), cancellationToken);
        total += await RepeatAsync(session => session.ExecuteAsync($"DELETE FROM held_mails WHERE id IN (SELECT id FROM held_mails WHERE expires < {now} LIMIT {Batch})"), cancellationToken);
        total += await RepeatAsync(session => session.ExecuteAsync($"DELETE FROM audit_events WHERE id IN (SELECT id FROM audit_events WHERE at < {now - settings.AuditMemory} LIMIT {Batch})"), cancellationToken);
        return total + await RepeatAsync(session => session.ExecuteAsync($"DELETE FROM tokens WHERE id IN (SELECT id FROM tokens WHERE expires < {tokens} LIMIT {Batch})"), cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            do
            {
                try
                {
                    await SweepAsync(stoppingToken);
                }
                catch (Exception exception) when (exception is StorageException or System.Data.Common.DbException or TimeoutException)
                {
                    ControlPlaneLog.NotSwept(logger, exception.Message);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task<int> RepeatAsync(Func<Session, Task<int>> delete, CancellationToken cancellationToken)
    {
        for (var total = 0; ;)
        {
            var count = await database.WriteAsync(delete, cancellationToken);
            total += count;
            if (count < Batch) { return total; }
        }
    }
}
