using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Coco.Mqtt;

/// <summary>
/// What is kept of a password: as mosquitto's password files have it, or without salt where the password is in this program's memory anyway.
/// <code>
/// $7$iterations$salt in base64$hash in base64     PBKDF2 with HMAC-SHA-512 (RFC 8018 §5.2), 64 bytes
/// $6$salt in base64$hash in base64                SHA-512 of password and salt
/// </code>
/// </summary>
internal sealed class PasswordHash
{
    // Chosen: a tenth of a second; clients that connect are checked one after the other.
    private const int MaxIterations = 100_000;

    // Chosen: some milliseconds, many times what mosquitto does.
    private const int Iterations = 10_000;
    private const int HashSize = 64;
    private const int SaltSize = 16;

    private readonly byte[] _salt;
    private readonly byte[] _hash;
    private readonly int _iterations; // 0: SHA-512 of password and salt

    private PasswordHash(byte[] salt, byte[] hash, int iterations) => (_salt, _hash, _iterations) = (salt, hash, iterations);

    public static PasswordHash Quick(string password) => new([], SHA512.HashData(Encoding.UTF8.GetBytes(password)), 0);

    public static string Make(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltSize);
        var hash = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, Iterations, HashAlgorithmName.SHA512, HashSize);
        return string.Create(CultureInfo.InvariantCulture, $"$7${Iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
    }

    public static PasswordHash Parse(string text) => text.Split('$') switch
    {
        ["", "7", var count, var salt, var hash] when int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations) && iterations is > 0 and <= MaxIterations =>
            new(Convert.FromBase64String(salt), HashOf(hash), iterations),
        ["", "6", var salt, var hash] => new(Convert.FromBase64String(salt), HashOf(hash), 0),
        _ => throw new FormatException("A password's hash is $7$iterations$salt$hash, of up to 100,000 iterations, or $6$salt$hash, as mosquitto_passwd makes them."),
    };

    /// <summary>Whether it is the password; how long that takes tells nothing of it.</summary>
    public bool Matches(ReadOnlySpan<byte> password)
    {
        var hash = _iterations == 0 ? SHA512.HashData([.. password, .. _salt]) : Rfc2898DeriveBytes.Pbkdf2(password, _salt, _iterations, HashAlgorithmName.SHA512, HashSize);
        return CryptographicOperations.FixedTimeEquals(hash, _hash);
    }

    private static byte[] HashOf(string text) => Convert.FromBase64String(text) is { Length: HashSize } hash ? hash : throw new FormatException($"A password's hash has {HashSize} bytes.");
}
