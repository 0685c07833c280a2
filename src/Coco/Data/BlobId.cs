using System.Diagnostics.CodeAnalysis;
using Coco.Data.Core;

namespace Coco.Data;

/// <summary>A blob's content: whoever has the identity can tell whether bytes are those of the blob, each piece by itself.</summary>
public readonly record struct BlobId : IComparable<BlobId>
{
    /// <summary>Bytes an identity has.</summary>
    public const int Size = 32;

    internal BlobId(Digest digest) => Digest = digest;

    internal Digest Digest { get; }

    /// <summary>Whether this is the default value, which names no blob.</summary>
    public bool IsDefault => Digest.IsDefault;

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out BlobId id)
    {
        id = default;
        Span<byte> bytes = stackalloc byte[Size];
        if (text is not { Length: 2 * Size } || Convert.FromHexString(text, bytes, out _, out _) is not System.Buffers.OperationStatus.Done) { return false; }
        id = new(Digest.Read(bytes));
        return id.ToString() == text; // one spelling of each
    }

    /// <inheritdoc/>
    public int CompareTo(BlobId other) => Digest.CompareTo(other.Digest);

    /// <summary>Whether one comes before.</summary>
    public static bool operator <(BlobId left, BlobId right) => left.CompareTo(right) < 0;

    /// <summary>Whether one comes behind.</summary>
    public static bool operator >(BlobId left, BlobId right) => left.CompareTo(right) > 0;

    /// <summary>Whether one does not come behind.</summary>
    public static bool operator <=(BlobId left, BlobId right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one does not come before.</summary>
    public static bool operator >=(BlobId left, BlobId right) => left.CompareTo(right) >= 0;

    /// <summary>64 lower-case hexadecimal characters.</summary>
    public override string ToString() => Digest.ToString();
}
