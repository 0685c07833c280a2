using System.Diagnostics.CodeAnalysis;
using Coco.Crypto;

namespace Coco.Cluster;

/// <summary>A network: the public key of its root authority. Written like a <see cref="NodeId"/>, as 52 lower-case base32 characters.</summary>
/// <param name="Key">The Ed25519 public key.</param>
public readonly record struct NetworkId(NodeId Key) : IComparable<NetworkId>
{
    /// <summary>Bytes of the key.</summary>
    public const int Size = NodeId.Size;

    /// <summary>Whether this is the default value, which names no network.</summary>
    public bool IsDefault => Key.IsDefault;

    /// <summary>Reads the 52 characters <see cref="ToString"/> writes.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out NetworkId id)
    {
        var parsed = NodeId.TryParse(text, out var key);
        id = new(key);
        return parsed;
    }

    /// <inheritdoc/>
    public int CompareTo(NetworkId other) => Key.CompareTo(other.Key);

    /// <inheritdoc/>
    public override string ToString() => Key.ToString();

    /// <summary>Whether <paramref name="left"/> comes before <paramref name="right"/>.</summary>
    public static bool operator <(NetworkId left, NetworkId right) => left.Key < right.Key;

    /// <summary>Whether <paramref name="left"/> comes after <paramref name="right"/>.</summary>
    public static bool operator >(NetworkId left, NetworkId right) => left.Key > right.Key;

    /// <summary>Whether <paramref name="left"/> does not come after <paramref name="right"/>.</summary>
    public static bool operator <=(NetworkId left, NetworkId right) => left.Key <= right.Key;

    /// <summary>Whether <paramref name="left"/> does not come before <paramref name="right"/>.</summary>
    public static bool operator >=(NetworkId left, NetworkId right) => left.Key >= right.Key;
}
