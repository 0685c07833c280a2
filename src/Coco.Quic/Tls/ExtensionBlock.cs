using System.Buffers.Binary;

namespace Coco.Quic.Tls;

/// <summary>
/// The extensions of one message (RFC 8446 §4.2), checked as a whole once and then searched or walked in place.
/// <code>
/// struct {
///     ExtensionType extension_type;     2 bytes
///     opaque extension_data&lt;0..2^16-1&gt;; 2 bytes of length, then the data
/// } Extension;
/// </code>
/// </summary>
internal readonly ref struct ExtensionBlock
{
    private const int HeaderLength = 4;
    private readonly ReadOnlySpan<byte> _bytes;

    private ExtensionBlock(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>The type of the last extension; it matters for pre_shared_key (§4.2.11).</summary>
    public ExtensionType? Last { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> bytes, out ExtensionBlock block, out AlertDescription alert)
    {
        block = default;
        // A bit for each type: a message full of empty extensions costs the same as the usual ten.
        Span<ulong> seen = stackalloc ulong[(ushort.MaxValue + 1) / 64];
        ExtensionType? last = null;
        for (var rest = bytes; !rest.IsEmpty;)
        {
            alert = AlertDescription.DecodeError;
            if (rest.Length < HeaderLength) { return false; }
            var type = BinaryPrimitives.ReadUInt16BigEndian(rest);
            var end = HeaderLength + BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (rest.Length < end) { return false; }

            // §4.2: no more than one extension of the same type in a block.
            alert = AlertDescription.IllegalParameter;
            var bit = 1UL << (type % 64);
            if ((seen[type / 64] & bit) != 0) { return false; }
            seen[type / 64] |= bit;

            last = (ExtensionType)type;
            rest = rest[end..];
        }

        alert = default;
        block = new(bytes) { Last = last };
        return true;
    }

    public bool Contains(ExtensionType type) => TryFind(type, out _);

    public bool TryFind(ExtensionType type, out ReadOnlySpan<byte> data)
    {
        foreach (var extension in this)
        {
            if (extension.Type != type) { continue; }
            data = extension.Data;
            return true;
        }

        data = default;
        return false;
    }

    public Enumerator GetEnumerator() => new(_bytes);

    public readonly ref struct Extension(ExtensionType type, ReadOnlySpan<byte> data)
    {
        public ExtensionType Type { get; } = type;

        public ReadOnlySpan<byte> Data { get; } = data;
    }

    public ref struct Enumerator(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        public Extension Current { get; private set; }

        public bool MoveNext()
        {
            if (_rest.IsEmpty) { return false; }
            var end = HeaderLength + BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
            Current = new((ExtensionType)BinaryPrimitives.ReadUInt16BigEndian(_rest), _rest[HeaderLength..end]);
            _rest = _rest[end..];
            return true;
        }
    }
}
