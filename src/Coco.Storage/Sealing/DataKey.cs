using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Coco.Crypto;

namespace Coco.Storage.Sealing;

/// <summary>
/// The key of one generation of rows, and the three it is expanded to: one seals, one names, one goes into the digest. Rotation
/// makes the next generation. Wiped when disposed. Not thread-safe: it is used under the lock of its database.
/// </summary>
internal sealed class DataKey : IDisposable
{
    public const int Size = 32;

    private readonly byte[] _keys = GC.AllocateArray<byte>(4 * Size, pinned: true);
    private readonly byte[] _storeId;
    private readonly Dictionary<string, byte[]> _tables = []; // what the ids of each begin with

    // Kept, as each row takes several: most of what a short HMAC costs is to set it up.
    private readonly IncrementalHash _sealer;
    private readonly IncrementalHash _namer;
    private readonly IncrementalHash _digester;

    public DataKey(uint generation, ReadOnlySpan<byte> key, ReadOnlySpan<byte> storeId)
    {
        (Generation, _storeId) = (generation, storeId.ToArray());
        key.CopyTo(_keys);
        HKDF.Expand(HashAlgorithmName.SHA256, key, _keys.AsSpan(Size, Size), "coco store 1 seal"u8);
        HKDF.Expand(HashAlgorithmName.SHA256, key, _keys.AsSpan(2 * Size, Size), "coco store 1 name"u8);
        HKDF.Expand(HashAlgorithmName.SHA256, key, _keys.AsSpan(3 * Size, Size), "coco store 1 digest"u8);
        _sealer = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _keys.AsSpan(Size, Size));
        _namer = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _keys.AsSpan(2 * Size, Size));
        _digester = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _keys.AsSpan(3 * Size, Size));
    }

    public uint Generation { get; }

    /// <summary>The key itself, to wrap it.</summary>
    public ReadOnlySpan<byte> Secret => _keys.AsSpan(0, Size);

    public static DataKey Generate(uint generation, ReadOnlySpan<byte> storeId)
    {
        Span<byte> key = stackalloc byte[Size];
        RandomSource.System.Fill(key);
        var result = new DataKey(generation, key, storeId);
        CryptographicOperations.ZeroMemory(key);
        return result;
    }

    /// <summary>The name a row goes by in the file. Says which rows are of one table, and nothing else.</summary>
    public RowId IdOf(string table, ReadOnlySpan<byte> key)
    {
        Span<byte> name = stackalloc byte[StoreTable.MaxNameLength];
        return IdOf(name[..Encoding.ASCII.GetBytes(table, name)], key);
    }

    /// <summary>The same, where the table's name is in ASCII.</summary>
    public RowId IdOf(ReadOnlySpan<byte> table, ReadOnlySpan<byte> key)
    {
        Span<byte> input = stackalloc byte[1 + StoreTable.MaxNameLength + StoreTransaction.MaxKeySize];
        var length = RowContent.WriteTable(input, table);
        Span<byte> id = stackalloc byte[RowId.TableSize + HMACSHA256.HashSizeInBytes];
        NameOf(table).CopyTo(id);
        input[0] |= 0x80; // an input of its own even for the empty key: no table's name is that long
        key.CopyTo(input[length..]);
        Hash(_namer, input[..(length + key.Length)], id[RowId.TableSize..]);
        return RowId.Read(id);
    }

    /// <summary>The part of an id that all rows of a table share.</summary>
    public RowId FirstIdOf(string table)
    {
        Span<byte> name = stackalloc byte[StoreTable.MaxNameLength];
        Span<byte> id = stackalloc byte[RowId.Size];
        id.Clear();
        NameOf(name[..Encoding.ASCII.GetBytes(table, name)]).CopyTo(id);
        return RowId.Read(id);
    }

    public byte[] SealRow(in RowId id, ReadOnlySpan<byte> content)
    {
        Span<byte> aad = stackalloc byte[AadSize];
        var row = new byte[content.Length + Envelope.Overhead];
        Envelope.Seal(_sealer, RowAad(aad, id), content, row);
        return row;
    }

    public bool TryOpenRow(in RowId id, Span<byte> row, out Span<byte> content)
    {
        Span<byte> aad = stackalloc byte[AadSize];
        return Envelope.TryOpen(_sealer, RowAad(aad, id), row, out content);
    }

    public byte[] SealState(ReadOnlySpan<byte> state)
    {
        Span<byte> aad = stackalloc byte[AadSize];
        var result = new byte[state.Length + Envelope.Overhead];
        Envelope.Seal(_sealer, StateAad(aad), state, result);
        return result;
    }

    public bool TryOpenState(Span<byte> envelope, out Span<byte> state)
    {
        Span<byte> aad = stackalloc byte[AadSize];
        return Envelope.TryOpen(_sealer, StateAad(aad), envelope, out state);
    }

    /// <summary>
    /// What a sealed row adds to the store's digest: a pseudo-random number for this version of this row. Salt and tag stand for
    /// the version; nobody without the key makes another text for the same tag.
    /// </summary>
    public void AddTo(StoreDigest digest, in RowId id, ReadOnlySpan<byte> row)
    {
        Span<byte> input = stackalloc byte[RowId.Size + Envelope.SaltSize + PacketAead.TagSize];
        id.CopyTo(input);
        row[..Envelope.SaltSize].CopyTo(input[RowId.Size..]);
        row[^PacketAead.TagSize..].CopyTo(input[(RowId.Size + Envelope.SaltSize)..]);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Hash(_digester, input, hash);
        digest.Toggle(hash);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_keys);
        _sealer.Dispose();
        _namer.Dispose();
        _digester.Dispose();
    }

    public override string ToString() => "[secret]";

    private byte[] NameOf(ReadOnlySpan<byte> table)
    {
        Span<char> name = stackalloc char[StoreTable.MaxNameLength];
        var tables = _tables.GetAlternateLookup<ReadOnlySpan<char>>();
        name = name[..Encoding.ASCII.GetChars(table, name)];
        if (tables.TryGetValue(name, out var known)) { return known; }
        Span<byte> input = stackalloc byte[1 + StoreTable.MaxNameLength];
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Hash(_namer, input[..RowContent.WriteTable(input, table)], hash);
        return tables[name] = hash[..RowId.TableSize].ToArray();
    }

    private static void Hash(IncrementalHash keyed, ReadOnlySpan<byte> input, Span<byte> hash)
    {
        keyed.AppendData(input);
        keyed.GetHashAndReset(hash);
    }

    private const int AadSize = 4 + KeyRecord.StoreIdSize + sizeof(uint) + RowId.Size;

    private Span<byte> RowAad(Span<byte> aad, in RowId id)
    {
        WriteAadHead(aad, "row1"u8);
        id.CopyTo(aad[^RowId.Size..]);
        return aad;
    }

    private Span<byte> StateAad(Span<byte> aad)
    {
        WriteAadHead(aad, "stat"u8);
        return aad[..^RowId.Size];
    }

    private void WriteAadHead(Span<byte> aad, ReadOnlySpan<byte> label)
    {
        label.CopyTo(aad);
        _storeId.CopyTo(aad[4..]);
        BinaryPrimitives.WriteUInt32BigEndian(aad[(4 + KeyRecord.StoreIdSize)..], Generation);
    }
}
