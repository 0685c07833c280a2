using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Mails;

/// <summary>
/// Mail that waited when a backup was made which was restored. It may have been sent after the backup, and what told somebody of a new password then would tell it again now; so it is held until the
/// operator, who knows how the instance ended, says what is to become of it.
/// </summary>
internal static class HeldMails
{
    /// <summary>Holds all that waits, and drops what is of no use any more, held before or not.</summary>
    /// <param name="session">The transaction of the restore.</param>
    /// <param name="now">The time.</param>
    /// <returns>How many are held, and how many were dropped.</returns>
    public static async Task<(int Held, int Dropped)> HoldAsync(Session session, DateTimeOffset now)
    {
        var dropped = await session.ExecuteAsync($"DELETE FROM mails WHERE expires <= {now}") + await session.ExecuteAsync($"DELETE FROM held_mails WHERE expires <= {now}");
        await session.ExecuteAsync(
            $"INSERT INTO held_mails (id, recipient, sealed, position, attempts, created, next, expires) SELECT id, recipient, sealed, position, attempts, created, next, expires FROM mails");
        await session.ExecuteAsync($"DELETE FROM mails");
        return ((int)(await session.NumberAsync($"SELECT COUNT(*) FROM held_mails") ?? 0), dropped);
    }

    /// <summary>Lets the courier have those that are still of use, under the names that they had.</summary>
    /// <returns>How many go, and how many were of no use any more.</returns>
    public static async Task<(int Released, int Dropped)> ReleaseAsync(Session session, DateTimeOffset now)
    {
        var dropped = await session.ExecuteAsync($"DELETE FROM held_mails WHERE expires <= {now}");
        var released = await session.ExecuteAsync(
            $"INSERT INTO mails (id, recipient, sealed, position, attempts, created, next, expires) SELECT id, recipient, sealed, position, attempts, created, {now}, expires FROM held_mails");
        await session.ExecuteAsync($"DELETE FROM held_mails");
        session.Notify(MailOutbox.Channel, "");
        return (released, dropped);
    }

    /// <summary>Erases them.</summary>
    /// <returns>How many.</returns>
    public static Task<int> DropAsync(Session session) => session.ExecuteAsync($"DELETE FROM held_mails");

    /// <summary>How many wait for the courier, and how many are held.</summary>
    public static async Task<(long Waiting, long Held)> CountAsync(Session session) =>
        (await session.NumberAsync($"SELECT COUNT(*) FROM mails") ?? 0, await session.NumberAsync($"SELECT COUNT(*) FROM held_mails") ?? 0);
}
