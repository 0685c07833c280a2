using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Coco.ControlPlane.Certificates;

/// <summary>Requests to a certificate authority are signed: flattened JSON (RFC 7515 §7.2.2) by ES256 (RFC 7518 §3.4), or by a secret where that binds an account.</summary>
internal static class Jws
{
    /// <summary>A request of an account.</summary>
    /// <param name="key">The account's key.</param>
    /// <param name="account">The account's URL; null where there is none yet, and the key itself is sent (RFC 8555 §6.2).</param>
    /// <param name="url">Where the request goes, which is signed with it (§6.4).</param>
    /// <param name="nonce">So that nobody can send it again (§6.5).</param>
    /// <param name="payload">JSON; empty for a POST-as-GET (§6.3).</param>
    public static string Sign(ECDsa key, string? account, string url, string nonce, string payload)
    {
        var head = new Dictionary<string, object>(StringComparer.Ordinal) { ["alg"] = "ES256", ["nonce"] = nonce, ["url"] = url };
        if (account is null) { head["jwk"] = Jwk(key); }
        else { head["kid"] = account; }
        return Write(head, payload, input => key.SignData(input, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }

    /// <summary>Shows whoever gave the secret that the key is of the same person (RFC 8555 §7.3.4).</summary>
    public static string Bind(ECDsa key, string externalAccount, byte[] secret, string url)
    {
        var head = new Dictionary<string, object>(StringComparer.Ordinal) { ["alg"] = "HS256", ["kid"] = externalAccount, ["url"] = url };
        return Write(head, JsonSerializer.Serialize(Jwk(key)), input => HMACSHA256.HashData(secret, input));
    }

    /// <summary>A challenge's token with the account's key, which is what shows that it is ours (RFC 8555 §8.1, RFC 7638).</summary>
    public static string KeyAuthorization(ECDsa key, string token) =>
        token + "." + Base64Url.EncodeToString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(Jwk(key))));

    // RFC 7638 §3: exactly these members, in this order.
    private static SortedDictionary<string, string> Jwk(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return new(StringComparer.Ordinal) { ["crv"] = "P-256", ["kty"] = "EC", ["x"] = Base64Url.EncodeToString(point.X!), ["y"] = Base64Url.EncodeToString(point.Y!) };
    }

    private static string Write(Dictionary<string, object> head, string payload, Func<byte[], byte[]> sign)
    {
        var (first, second) = (Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(head)), Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload)));
        var signature = Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes($"{first}.{second}")));
        return JsonSerializer.Serialize(new Dictionary<string, string>(StringComparer.Ordinal) { ["protected"] = first, ["payload"] = second, ["signature"] = signature });
    }
}
