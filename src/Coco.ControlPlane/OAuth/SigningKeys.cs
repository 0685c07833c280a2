using System.Buffers.Text;
using System.Security.Cryptography;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.OAuth;

/// <summary>Keys that sign ID tokens (ES256): sealed in the database, a new one each month, the old ones shown until what they signed is over.</summary>
internal sealed class SigningKeys(Database database, ServerSecret secret, TimeProvider time, ILogger<SigningKeys> logger)
{
    /// <summary>How long a key signs.</summary>
    public static readonly TimeSpan Term = TimeSpan.FromDays(30);

    // What it signed last lives for an hour; a day more for clocks that are wrong and caches.
    private static readonly TimeSpan Shown = Term + IdTokens.Lifetime + TimeSpan.FromDays(1);

    // One that was made later than now by more than clocks differ would sign for as long as the clock was ahead.
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(1);

    /// <summary>Signs a JWT (RFC 7519).</summary>
    public async Task<string> SignAsync(byte[] claims, CancellationToken cancellationToken)
    {
        var (id, box) = await CurrentAsync(cancellationToken);
        var header = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>(StringComparer.Ordinal) { ["alg"] = "ES256", ["typ"] = "JWT", ["kid"] = id });
        var text = Base64Url.EncodeToString(header) + "." + Base64Url.EncodeToString(claims);
        using var key = Open(id, box);
        // RFC 7518 §3.4: R and S one after the other.
        var signature = key.SignData(System.Text.Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return text + "." + Base64Url.EncodeToString(signature);
    }

    /// <summary>Makes a key that signs from now on, at all instances: where one may be known to others.</summary>
    /// <param name="session">A session that writes.</param>
    /// <param name="secret">The instances' secret.</param>
    /// <param name="now">The time.</param>
    /// <param name="keepsOthers">Whether the others are shown until what they signed is over. Otherwise they are gone.</param>
    /// <returns>Its name.</returns>
    public static async Task<string> RotateAsync(Session session, ServerSecret secret, DateTimeOffset now, bool keepsOthers)
    {
        if (!keepsOthers) { await session.ExecuteAsync($"DELETE FROM signing_keys"); }
        // The newest signs; one of the same moment, or of an instance whose clock is ahead, is not to be taken for it.
        var newest = await session.NumberAsync($"SELECT MAX(created) FROM signing_keys WHERE created < {now + Ahead}") ?? 0;
        return (await MakeAsync(session, secret, DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(now.ToUnixTimeMilliseconds(), newest + 1)))).Id;
    }

    /// <summary>The public halves (RFC 7517).</summary>
    public async Task<object> ShowAsync(CancellationToken cancellationToken)
    {
        await CurrentAsync(cancellationToken);
        var since = time.GetUtcNow() - Shown;
        var rows = await database.ReadAsync(
            session => session.QueryAsync($"SELECT id, sealed FROM signing_keys WHERE created > {since} ORDER BY created DESC", row => (Id: row.Text("id"), Box: row.Bytes("sealed"))), cancellationToken);
        return new Dictionary<string, object>(StringComparer.Ordinal) { ["keys"] = rows.Select(row => Show(row.Id, row.Box)).ToArray() };
    }

    private async Task<(string Id, byte[] Box)> CurrentAsync(CancellationToken cancellationToken)
    {
        var current = await database.ReadAsync(FindAsync, cancellationToken);
        if (current.Id is not null) { return current; }
        var (made, isNew) = await database.WriteAsync(
            async session =>
            {
                // Another instance may have been first.
                if (await FindAsync(session) is { Id: not null } found) { return (found, false); }
                var made = await MakeAsync(session, secret, time.GetUtcNow());
                await session.ExecuteAsync($"DELETE FROM signing_keys WHERE created < {time.GetUtcNow() - Shown}");
                return (made, true);
            },
            cancellationToken);
        if (isNew) { OAuthLog.KeyMade(logger, made.Item1); }
        return made;
    }

    private static async Task<(string Id, byte[] Box)> MakeAsync(Session session, ServerSecret secret, DateTimeOffset created)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var id = Identifiers.New("key");
        var box = secret.Seal(PurposeOf(id), key.ExportECPrivateKey());
        await session.ExecuteAsync($"INSERT INTO signing_keys (id, sealed, created) VALUES ({id}, {box}, {created})");
        return (id, box);
    }

    private Task<(string Id, byte[] Box)> FindAsync(Session session) => session.FirstAsync(
        $"SELECT id, sealed FROM signing_keys WHERE created > {time.GetUtcNow() - Term} AND created < {time.GetUtcNow() + Ahead} ORDER BY created DESC, id LIMIT 1", row => (row.Text("id"), row.Bytes("sealed")));

    private ECDsa Open(string id, byte[] box)
    {
        var plain = secret.Open(PurposeOf(id), box);
        var key = ECDsa.Create();
        key.ImportECPrivateKey(plain, out _);
        CryptographicOperations.ZeroMemory(plain);
        return key;
    }

    private Dictionary<string, string> Show(string id, byte[] box)
    {
        using var key = Open(id, box);
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return new(StringComparer.Ordinal)
        {
            ["kty"] = "EC", ["crv"] = "P-256", ["alg"] = "ES256", ["use"] = "sig", ["kid"] = id, ["x"] = Base64Url.EncodeToString(point.X!), ["y"] = Base64Url.EncodeToString(point.Y!),
        };
    }

    private static string PurposeOf(string id) => "signing key " + id;
}
