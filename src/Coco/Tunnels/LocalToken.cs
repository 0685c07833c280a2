using System.Security.Cryptography;
using System.Text;

namespace Coco.Tunnels;

/// <summary>What a program shows at a local end, so that it is let in. Kept by the app, which hands it to the programs that it trusts.</summary>
public sealed class LocalToken
{
    private const int MinLength = 16;
    private const int MaxLength = 128;

    private readonly byte[] _bytes;

    private LocalToken(byte[] bytes) => _bytes = bytes;

    /// <summary>A new one: 32 random bytes in hexadecimal.</summary>
    public static LocalToken Generate() => new(Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(64, lowercase: true)));

    /// <summary>One that the app has kept: 16 to 128 visible ASCII characters without colon.</summary>
    public static LocalToken Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length is < MinLength or > MaxLength || text.Any(static one => one is <= ' ' or > '~' or ':'))
        {
            throw new ArgumentException($"A token has {MinLength} to {MaxLength} visible ASCII characters, and no colon.", nameof(text));
        }
        return new(Encoding.ASCII.GetBytes(text));
    }

    /// <summary>The token's text, for those that may use it. Whoever reads it may use the local ends.</summary>
    public string Reveal() => Encoding.ASCII.GetString(_bytes);

    /// <summary>Nothing that could be used.</summary>
    public override string ToString() => nameof(LocalToken);

    internal int Length => _bytes.Length;

    // In constant time but for the length, which is no secret.
    internal bool Matches(ReadOnlySpan<byte> shown) => CryptographicOperations.FixedTimeEquals(_bytes, shown);
}
