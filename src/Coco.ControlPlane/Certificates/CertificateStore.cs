using System.Security.Cryptography;
using System.Text;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Certificates;

/// <summary>Certificates of an authority, their keys and its accounts in the database, where all instances find them; keys are sealed by the secret file.</summary>
internal sealed class CertificateStore(Database database, ServerSecret secret, ControlPlaneSettings settings, TimeProvider time)
{
    /// <summary>Where all instances hear that something has changed.</summary>
    public const string Channel = "certificates";

    // Chosen: an authority looks at once; what is left of attempts that were ended goes with the next one.
    private static readonly TimeSpan ChallengeMemory = TimeSpan.FromHours(1);

    /// <summary>The name of what the settings ask for: other names, or another authority, are another certificate.</summary>
    public string Wanted { get; } = Hash(settings.Acme.Directory, string.Join(' ', settings.Acme.Domains.Order(StringComparer.Ordinal)));

    // Who is told to be written to elsewhere, or is another customer, has another account.
    private string Account { get; } = Hash(settings.Acme.Directory, settings.Acme.Email ?? "", settings.Acme.ExternalAccount ?? "");

    /// <summary>What is known of the certificate that is wanted.</summary>
    public async Task<CertificateState> ReadAsync(Session session) => await session.FirstAsync($"SELECT * FROM certificates WHERE wanted = {Wanted}", Read) ?? CertificateState.None;

    /// <summary>The certificate to show: the one that is wanted, or, until there is one, the last of other names or another authority that is still good.</summary>
    public Task<(string Wanted, CertificateState State)?> FindShownAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return database.ReadAsync(
            async session => (await session.QueryAsync(
                $"SELECT * FROM certificates WHERE chain IS NOT NULL AND (wanted = {Wanted} OR ends > {now}) ORDER BY CASE WHEN wanted = {Wanted} THEN 0 ELSE 1 END, ends DESC LIMIT 1",
                static row => ((string, CertificateState)?)(row.Text("wanted"), Read(row)))).FirstOrDefault(),
            cancellationToken);
    }

    /// <summary>The key of a certificate, to be wiped by whoever has it.</summary>
    public byte[] OpenKey(string wanted, byte[] sealedKey) => secret.Open(PurposeOf(wanted), sealedKey);

    /// <summary>The account key, made and kept before anything is done with it, and the account's URL as far as it is known.</summary>
    public async Task<(ECDsa Key, string? Url)> OpenAccountAsync(CancellationToken cancellationToken)
    {
        var (id, url, box) = await database.WriteAsync(
            async session =>
            {
                if (await session.FirstAsync($"SELECT id, url, sealed FROM acme_accounts WHERE id = {Account}", static row => (row.Text("id"), row.TextOrNull("url"), row.Bytes("sealed"))) is { Item1: not null } found) { return found; }
                using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
                var plain = made.ExportPkcs8PrivateKey();
                var sealedKey = secret.Seal(PurposeOf(Account), plain);
                CryptographicOperations.ZeroMemory(plain);
                await session.ExecuteAsync($"INSERT INTO acme_accounts (id, sealed, created) VALUES ({Account}, {sealedKey}, {time.GetUtcNow()})");
                return (Account, (string?)null, sealedKey);
            },
            cancellationToken);
        var bytes = secret.Open(PurposeOf(id), box);
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(bytes, out _);
        CryptographicOperations.ZeroMemory(bytes);
        return (key, url);
    }

    /// <summary>Remembers where the account is; null where the authority knows it no more.</summary>
    public Task SetAccountUrlAsync(string? url, CancellationToken cancellationToken) =>
        database.WriteAsync(session => session.ExecuteAsync($"UPDATE acme_accounts SET url = {url} WHERE id = {Account}"), cancellationToken);

    /// <summary>Has all instances answer a challenge.</summary>
    public Task PublishAsync(string name, string token, string answer, CancellationToken cancellationToken) => database.WriteAsync(
        async session =>
        {
            var now = time.GetUtcNow();
            await session.ExecuteAsync($"DELETE FROM certificate_challenges WHERE name = {name} OR expires < {now} OR expires > {now + ChallengeMemory}");
            return await session.ExecuteAsync($"INSERT INTO certificate_challenges (name, token, answer, expires) VALUES ({name}, {token}, {answer}, {now + ChallengeMemory})");
        },
        cancellationToken);

    /// <summary>The answer to a challenge at a name; any of that name where no token is given, as there is one at a time.</summary>
    public Task<string?> FindAnswerAsync(string name, string? token, CancellationToken cancellationToken) => database.ReadAsync(
        session => token is null
            ? session.FirstAsync($"SELECT answer FROM certificate_challenges WHERE name = {name}", static row => row.Text("answer"))
            : session.FirstAsync($"SELECT answer FROM certificate_challenges WHERE name = {name} AND token = {token}", static row => row.Text("answer")),
        cancellationToken);

    /// <summary>Keeps a certificate, and tells all instances.</summary>
    public Task KeepAsync(IssuedCertificate issued, DateTimeOffset renew, DateTimeOffset next, CancellationToken cancellationToken)
    {
        var box = secret.Seal(PurposeOf(Wanted), issued.Key);
        return database.WriteAsync(
            async session =>
            {
                // Of others only what is over: were there instances whose settings differ, each would have the other's got again and again.
                await session.ExecuteAsync($"DELETE FROM certificates WHERE wanted = {Wanted} OR ends < {time.GetUtcNow()}");
                await session.ExecuteAsync($"DELETE FROM certificate_challenges");
                session.Notify(Channel, "");
                return await session.ExecuteAsync(
                    $"INSERT INTO certificates (wanted, chain, sealed, begins, renew, ends, attempts, next) VALUES ({Wanted}, {issued.Chain}, {box}, {issued.Begins}, {renew}, {issued.Ends}, {0L}, {next})");
            },
            cancellationToken);
    }

    /// <summary>Remembers that an attempt failed, and tells all instances.</summary>
    public Task KeepFailureAsync(string problem, DateTimeOffset next, CancellationToken cancellationToken) => database.WriteAsync(
        session =>
        {
            session.Notify(Channel, "");
            return session.ExecuteAsync(
                $"INSERT INTO certificates (wanted, attempts, next, problem) VALUES ({Wanted}, {1L}, {next}, {problem}) ON CONFLICT (wanted) DO UPDATE SET attempts = certificates.attempts + 1, next = excluded.next, problem = excluded.problem");
        },
        cancellationToken);

    /// <summary>Has an attempt made at once, whether it is time or not.</summary>
    /// <returns>Whether there is anything of which one could be made.</returns>
    public static async Task<bool> RenewAsync(Session session)
    {
        session.Notify(Channel, "");
        return await session.ExecuteAsync($"UPDATE certificates SET renew = NULL, attempts = 0, next = 0") > 0;
    }

    public static CertificateState Read(Row row) => new(
        row.TextOrNull("chain"), row.BytesOrNull("sealed"), row.TimeOrNull("begins"), row.TimeOrNull("renew"), row.TimeOrNull("ends"), row.Long("attempts"), row.Time("next"), row.TextOrNull("problem"));

    private static string PurposeOf(string id) => "certificate key " + id;

    private static string Hash(params string[] parts) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))));
}
