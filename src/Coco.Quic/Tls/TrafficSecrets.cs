using System.Runtime.CompilerServices;
using Coco.Quic.Packets;

namespace Coco.Quic.Tls;

/// <summary>
/// One secret that has become usable: packets of this level and direction can now be protected (RFC 9001 §4.1.4).
/// </summary>
internal readonly struct TrafficSecrets
{
    private readonly Bytes _secret;

    public TrafficSecrets(EncryptionLevel level, bool isWrite, ReadOnlySpan<byte> secret)
    {
        Level = level;
        IsWrite = isWrite;
        secret.CopyTo(_secret);
    }

    public EncryptionLevel Level { get; }

    /// <summary>True for what we send, false for what we receive.</summary>
    public bool IsWrite { get; }

    public static int Size => TlsProfile.HashLength;

    public void CopyTo(Span<byte> destination) => ((ReadOnlySpan<byte>)_secret).CopyTo(destination);

    /// <summary>Names the key, never shows it.</summary>
    public override string ToString() => $"{Level} {(IsWrite ? "write" : "read")} secret";

    [InlineArray(TlsProfile.HashLength)]
    private struct Bytes
    {
        private byte _first;
    }
}
