using System.Buffers;
using System.Security.Cryptography;

namespace Coco.Crypto;

/// <summary>
/// Signatures that this process has found good: the same statement comes from several neighbours, and to several nodes of one process.
/// What is kept is SHA-256 of key, signature and message, so that only the very same three are believed again. Thread-safe.
/// </summary>
/// <remarks>
/// A table in which the newer of two that meet in one place stays; nothing is searched, and strangers can drive out what is remembered, which
/// costs another verification each. It doubles from 8 KiB while it is used, to 256 KiB.
/// </remarks>
internal sealed class SignatureMemory
{
    private const int FirstPlaces = 256;
    private const int MostOnStack = 1024; // chosen: most certificates, statements and advertisements are shorter
    private const int MostPlaces = 8192; // chosen: certificates, statements and advertisements of some thousand nodes

    private readonly Lock _gate = new(); // guards the two below
    private UInt256[] _known = new UInt256[FirstPlaces];
    private int _added;

    public static SignatureMemory Shared { get; } = new();

    public static UInt256 DigestOf(NodeId key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        // In one piece and by one call: an incremental hash makes three objects, one of them to be finalised, for each signature that is looked at.
        var length = NodeId.Size + signature.Length + message.Length;
        byte[]? rented = null;
        Span<byte> all = length <= MostOnStack ? stackalloc byte[MostOnStack] : rented = ArrayPool<byte>.Shared.Rent(length);
        key.CopyTo(all);
        signature.CopyTo(all[NodeId.Size..]); // both have one length, so that no two messages give the same bytes
        message.CopyTo(all[(NodeId.Size + signature.Length)..]);
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(all[..length], bytes);
        if (rented is not null) { ArrayPool<byte>.Shared.Return(rented); }
        return new(BitConverter.ToUInt64(bytes), BitConverter.ToUInt64(bytes[8..]), BitConverter.ToUInt64(bytes[16..]), BitConverter.ToUInt64(bytes[24..]));
    }

    public bool Contains(in UInt256 digest)
    {
        lock (_gate) { return _known[PlaceOf(digest)] == digest; }
    }

    public void Add(in UInt256 digest)
    {
        lock (_gate)
        {
            if (++_added > _known.Length && _known.Length < MostPlaces) { Grow(); }
            _known[PlaceOf(digest)] = digest;
        }
    }

    private int PlaceOf(in UInt256 digest) => (int)(digest.A & (ulong)(_known.Length - 1));

    private void Grow()
    {
        var old = _known;
        _known = new UInt256[old.Length * 2];
        foreach (var digest in old) { _known[PlaceOf(digest)] = digest; }
    }

    /// <summary>A digest.</summary>
    internal readonly record struct UInt256(ulong A, ulong B, ulong C, ulong D);
}
