using System.Security.Cryptography;
using System.Text;
using Coco.Storage.Sealing;

namespace Coco.Storage;

internal sealed partial class SealedDatabase
{
    // Rows sealed anew in one commit: chosen so that a commit of others waits for some milliseconds, not for the whole store.
    private const int RotationBatch = 256;

    /// <summary>Puts the data keys under another key of the caller's, which is the store's from then on.</summary>
    public void ChangeKey(WrapKey wrap)
    {
        var old = _ring.Wrap;
        _ring.Wrap = wrap;
        try
        {
            InTransaction(_ => 0, KeyRecord.Write(_ring, _ring.Keys));
        }
        catch
        {
            _ring.Wrap = old;
            throw;
        }
        old.Dispose();
        Checkpoint(); // overwrites the old record in the file
    }

    /// <summary>
    /// Takes one step towards a store sealed with a new data key, and says whether there are more. A rotation may stop after any
    /// step: rows of both keys are read meanwhile.
    /// </summary>
    public bool Rotate()
    {
        if (!_ring.IsRotating)
        {
            StartRotation();
            return true;
        }
        var (old, moved) = (_ring.Keys[0], new List<(RowId Id, byte[] Row)>());
        var first = RowId.Read(new byte[RowId.Size]);
        Span<byte> highest = stackalloc byte[RowId.Size];
        highest.Fill(0xFF);
        Select(old, first, RowId.Read(highest), RotationBatch, (in id, row) => moved.Add((id, row)));
        if (moved.Count > 0)
        {
            InTransaction(digest => Move(digest, old, moved));
            return true;
        }
        EndRotation(old);
        return false;
    }

    /// <summary>Erases the rows of tables that hold no keys, and says how many they were.</summary>
    public int ForgetAllButKeys()
    {
        var forgotten = new List<(DataKey Key, RowId Id)>();
        Span<byte> highest = stackalloc byte[RowId.Size];
        highest.Fill(0xFF);
        foreach (var key in _ring.Keys)
        {
            Select(key, RowId.Read(new byte[RowId.Size]), RowId.Read(highest), limit: -1, (in id, row) =>
            {
                if (!Open(key, id, row).HoldsKeys) { forgotten.Add((key, id)); }
            });
        }
        if (forgotten.Count == 0) { return 0; }

        InTransaction(digest =>
        {
            foreach (var (key, id) in forgotten) { Remove(digest, key, id); }
            return -forgotten.Count;
        });
        Checkpoint();
        return forgotten.Count;
    }

    private void StartRotation()
    {
        var next = DataKey.Generate(checked(_ring.Newest.Generation + 1), _ring.StoreId);
        _ring.Add(next);
        try
        {
            InTransaction(_ => 0, KeyRecord.Write(_ring, _ring.Keys));
        }
        catch
        {
            _ring.Remove(next);
            throw;
        }
    }

    private int Move(StoreDigest digest, DataKey old, List<(RowId Id, byte[] Row)> moved)
    {
        foreach (var (id, row) in moved)
        {
            Remove(digest, old, id);
            var content = Open(old, id, row);
            var whole = RowContent.Write(new StoreTable(Encoding.ASCII.GetString(content.Table), content.HoldsKeys), content.Key, content.Value);
            Insert(digest, _ring.Newest, _ring.Newest.IdOf(content.Table, content.Key), whole);
            CryptographicOperations.ZeroMemory(row);
        }
        return 0;
    }

    private void EndRotation(DataKey old)
    {
        InTransaction(_ => 0, KeyRecord.Write(_ring, [_ring.Newest]));
        _ring.Remove(old);
        Checkpoint(); // nothing sealed with the old key, nor the key itself, is in the file afterwards
    }
}
