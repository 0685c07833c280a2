using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tokens;

namespace Coco.ControlPlane.OAuth;

/// <summary>Authorization codes: 32 random bytes, kept as SHA-256 with all that they are bound to, good once and for a minute.</summary>
internal sealed class Codes(TimeProvider time)
{
    private const int Size = 32;

    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    /// <summary>Makes one, in the caller's transaction.</summary>
    public async Task<string> IssueAsync(Session session, AuthorizationRequest request, Token signIn)
    {
        var text = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Size));
        await session.ExecuteAsync(
            $"""
            INSERT INTO authorization_codes (hash, app_id, account_id, redirect_uri, code_challenge, scopes, nonce, family, signed_in, expires)
            VALUES ({HashOf(text)}, {request.AppId}, {signIn.AccountId}, {request.RedirectUri}, {request.CodeChallenge}, {string.Join(' ', request.Scopes)},
                    {request.Nonce}, {Identifiers.New("fam")}, {signIn.SignedIn ?? signIn.Created}, {time.GetUtcNow() + Lifetime})
            """);
        return text;
    }

    public static Task<Code?> FindAsync(Session session, string text) => session.FirstAsync(
        $"SELECT * FROM authorization_codes WHERE hash = {HashOf(text)}",
        row => new Code(
            row.Text("app_id"), row.Text("account_id"), row.Text("redirect_uri"), row.Text("code_challenge"), [.. row.Text("scopes").Split(' ')],
            row.TextOrNull("nonce"), row.Text("family"), row.Time("signed_in"), row.Time("expires"), row.TimeOrNull("used")));

    /// <summary>Marks it as used, well or not: it is none any more.</summary>
    public Task UseAsync(Session session, string text) => session.ExecuteAsync($"UPDATE authorization_codes SET used = {time.GetUtcNow()} WHERE hash = {HashOf(text)}");

    /// <summary>Whether the verifier is the one of the challenge (RFC 7636 §4.6).</summary>
    public static bool IsVerifier(string verifier, string challenge) =>
        verifier.Length is >= 43 and <= 128 && verifier.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_' or '~') &&
        CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)))), Encoding.ASCII.GetBytes(challenge));

    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
