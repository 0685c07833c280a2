namespace Coco.ControlPlane.Passkeys;

/// <summary>
/// How a new passkey comes (WebAuthn §6.5.4): a map of <c>fmt</c>, <c>attStmt</c> and <c>authData</c>. Who made the authenticator is not asked, so
/// the statement is none (§8.7), or the key's own signature (§8.2, self attestation), which is checked.
/// </summary>
internal sealed record AttestationObject(byte[] AuthenticatorData, byte[]? Signature)
{
    public static bool TryRead(ReadOnlySpan<byte> bytes, out AttestationObject? attestation)
    {
        attestation = null;
        var reader = new CborReader(bytes);
        if (!reader.TryReadMap(out var count) || count != 3) { return false; }
        ReadOnlySpan<byte> format = default, statement = default, data = default;
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadText(out var name)) { return false; }
            if (name.SequenceEqual("fmt"u8))
            {
                if (!reader.TryReadText(out format)) { return false; }
            }
            else if (name.SequenceEqual("authData"u8))
            {
                if (!reader.TryReadBytes(out data)) { return false; }
            }
            else if (name.SequenceEqual("attStmt"u8))
            {
                var start = reader.Consumed;
                if (!reader.TrySkip()) { return false; }
                statement = bytes[start..reader.Consumed];
            }
        }
        if (!reader.IsAtEnd || data.IsEmpty || !TryReadStatement(format, statement, out var signature)) { return false; }
        attestation = new(data.ToArray(), signature);
        return true;
    }

    private static bool TryReadStatement(ReadOnlySpan<byte> format, ReadOnlySpan<byte> statement, out byte[]? signature)
    {
        signature = null;
        var reader = new CborReader(statement);
        if (!reader.TryReadMap(out var count)) { return false; }
        if (format.SequenceEqual("none"u8)) { return count == 0; }
        // Of "packed", the form without certificates: alg and sig.
        if (!format.SequenceEqual("packed"u8) || count != 2) { return false; }
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadText(out var name)) { return false; }
            if (name.SequenceEqual("alg"u8) && reader.TryReadInteger(out _)) { continue; } // the key says it, too, and the signature shows it
            if (!name.SequenceEqual("sig"u8) || !reader.TryReadBytes(out var sig)) { return false; }
            signature = sig.ToArray();
        }
        return signature is not null;
    }
}
