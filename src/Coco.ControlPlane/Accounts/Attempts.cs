using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Coco.ControlPlane.Mails;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Accounts;

/// <summary>
/// Counts wrong passwords, for addresses with and without an account alike: nobody learns from it which exist. They are counted by bucket, one
/// of 2^20 that a keyed hash of the address chooses, so that the table cannot be made to grow, nor a collision be sought.
/// </summary>
internal sealed class Attempts(ServerSecret secret, TimeProvider time)
{
    private const long Buckets = 1 << 20;

    /// <summary>Counts an attempt as failed before it is made, so that many at once do not pass for one.</summary>
    /// <returns>Whether it may be made.</returns>
    public async Task<bool> TryBeginAsync(Session session, EmailAddress address)
    {
        var (bucket, now) = (BucketOf(address), time.GetUtcNow());
        var (failures, last) = await session.FirstAsync(
            $"SELECT failures, last FROM sign_in_failures WHERE bucket = {bucket}", row => (Failures: row.Long("failures"), Last: row.Time("last")));
        // What a clock counted that was far ahead would lock people out until then.
        if (now - last > LockOut.Memory || last - now > LockOut.Longest) { failures = 0; }
        var mayTry = failures == 0 || now >= last + LockOut.DelayAfter(failures);
        if (mayTry)
        {
            await session.ExecuteAsync(
                $"INSERT INTO sign_in_failures (bucket, failures, last) VALUES ({bucket}, {failures + 1}, {now}) ON CONFLICT (bucket) DO UPDATE SET failures = {failures + 1}, last = {now}");
        }
        return mayTry;
    }

    public Task ForgetAsync(Session session, EmailAddress address) => session.ExecuteAsync($"DELETE FROM sign_in_failures WHERE bucket = {BucketOf(address)}");

    private long BucketOf(EmailAddress address) =>
        BinaryPrimitives.ReadInt64BigEndian(HMACSHA256.HashData(secret.Derive("sign-in failures"), Encoding.UTF8.GetBytes(address.Text))) & (Buckets - 1);
}
