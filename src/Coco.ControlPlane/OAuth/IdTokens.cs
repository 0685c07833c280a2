using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Coco.ControlPlane.Accounts;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Apps;

namespace Coco.ControlPlane.OAuth;

/// <summary>ID tokens (OpenID Connect Core §2).</summary>
internal sealed class IdTokens(SigningKeys keys, Subjects subjects, PublicAddress address, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    public Task<string> MakeAsync(Account account, string app, IReadOnlyCollection<string> scopes, string? nonce, DateTimeOffset signedIn, string accessToken, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        // §3.1.3.6: the left half of the hash that the signature uses.
        var hash = SHA256.HashData(Encoding.ASCII.GetBytes(accessToken));
        var claims = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["iss"] = address.Url,
            ["sub"] = subjects.Of(account.Id, app),
            ["aud"] = app,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + Lifetime).ToUnixTimeSeconds(),
            ["auth_time"] = signedIn.ToUnixTimeSeconds(),
            ["at_hash"] = Base64Url.EncodeToString(hash.AsSpan(0, hash.Length / 2)),
        };
        if (nonce is not null) { claims["nonce"] = nonce; }
        AddEmail(claims, account, scopes);
        return keys.SignAsync(JsonSerializer.SerializeToUtf8Bytes(claims), cancellationToken);
    }

    /// <summary>Adds the address where it may be seen. No account has one that is not confirmed.</summary>
    public static void AddEmail(Dictionary<string, object> claims, Account account, IReadOnlyCollection<string> scopes)
    {
        if (!scopes.Contains(Scopes.Email)) { return; }
        claims["email"] = account.Email;
        claims["email_verified"] = true;
    }
}
