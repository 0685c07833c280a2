using System.Buffers.Binary;

namespace Coco.ControlPlane.Passkeys;

/// <summary>
/// What an authenticator says and signs (WebAuthn §6.1):
/// <code>
/// rpIdHash 32 | flags 1 | signCount 4 | [ aaguid 16 | length 2 | credential id | COSE key ] | [ extensions, a CBOR map ]
/// </code>
/// </summary>
internal sealed record AuthenticatorData(byte[] RpIdHash, byte Flags, uint SignCount)
{
    private const int HeadSize = 37;
    private const int AaguidSize = 16;
    private const int MaxCredentialId = 1023; // §7.1 step 25

    /// <summary>The credential that was made; null in an assertion.</summary>
    public byte[]? CredentialId { get; init; }

    public CoseKey? Key { get; init; }

    public bool IsUserPresent => (Flags & 0x01) != 0;

    public bool IsUserVerified => (Flags & 0x04) != 0;

    private bool IsEligibleForBackup => (Flags & 0x08) != 0;

    private bool IsBackedUp => (Flags & 0x10) != 0;

    public static bool TryRead(ReadOnlySpan<byte> bytes, out AuthenticatorData? data)
    {
        data = null;
        if (bytes.Length < HeadSize) { return false; }
        var flags = bytes[32];
        var read = new AuthenticatorData(bytes[..32].ToArray(), flags, BinaryPrimitives.ReadUInt32BigEndian(bytes[33..]));
        // §6.1.3: what cannot be backed up is not backed up.
        if (read.IsBackedUp && !read.IsEligibleForBackup) { return false; }
        var rest = bytes[HeadSize..];
        if ((flags & 0x40) != 0)
        {
            if (rest.Length < AaguidSize + 2) { return false; }
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[AaguidSize..]);
            rest = rest[(AaguidSize + 2)..];
            if (length is 0 or > MaxCredentialId || rest.Length < length) { return false; }
            var reader = new CborReader(rest[length..]);
            if (!CoseKey.TryRead(ref reader, out var key)) { return false; }
            read = read with { CredentialId = rest[..length].ToArray(), Key = key };
            rest = rest[(length + reader.Consumed)..];
        }
        if ((flags & 0x80) != 0)
        {
            var reader = new CborReader(rest);
            if (rest.IsEmpty || rest[0] >> 5 != 5 || !reader.TrySkip()) { return false; }
            rest = rest[reader.Consumed..];
        }
        data = read;
        return rest.IsEmpty;
    }
}
