using Coco.Data.Core;
using Coco.Hosting;
using Coco.Quic.Packets;
using Coco.Storage;
using Coco.Storage.Records;

namespace Coco.Data;

/// <summary>The log of entries and blobs on disk, where the node has a store; without one nothing is kept. Under the lock of <see cref="NodeData"/>, but for reading.</summary>
internal sealed class DataJournal(DataOptions options, Lock gate) : IEntryLog, IAsyncDisposable
{
    private const int HeadSize = 2 + VarInt.MaxLength + CollectionName.MaxSize + sizeof(ulong) + 64;

    private readonly Dictionary<int, DataTable> _channels = [];
    private readonly List<(EntryRecord Record, long Old, long New)> _renewed = []; // on their way to the disk
    private RecordLog? _log;
    private Task _last = Task.CompletedTask;
    private bool _isClosed;

    public DataExchange Exchange { get; set; } = null!;

    /// <summary>The blobs of which something is here.</summary>
    public Dictionary<BlobId, BlobRecord> Blobs { get; } = [];

    public bool IsOnDisk => _log is not null;

    /// <summary>Told what could not be written.</summary>
    public Action<StoreException>? Failed { get; set; }

    /// <summary>Told what could not be read.</summary>
    public Action<StoreException>? Unreadable { get; set; }

    /// <summary>Ends when all that was appended is on the disk.</summary>
    public Task Appended => _last;

    /// <summary>Opens the log in its folder and reads what is in it.</summary>
    /// <exception cref="StoreException">It is damaged, or cannot be read.</exception>
    public void Open(string folder, ReadOnlySpan<byte> key)
    {
        var limits = new RecordLogOptions { MaxRecordSize = options.MaxWireValue + options.MaxWireKey + 4096, BeforeWrite = options.BeforeWrite };
        var log = RecordLog.Open(folder, key, limits, Replay);
        _log = log;
        foreach (var record in _channels.Values.SelectMany(static table => table.Entries)) { log.Retain(record.Number, record.RecordLength); }
        log.Checkpoint = WriteCheckpoint;
        log.Committed = HandleCommitted;
        log.Failed = HandleFailed;
    }

    public void Append(DataTable table)
    {
        _channels[table.Channel] = table;
        Span<byte> record = stackalloc byte[HeadSize];
        var writer = new SpanWriter(record);
        writer.WriteByte((byte)DataRecordKind.Collection);
        writer.WriteVarInt((ulong)table.Channel);
        writer.WriteByte(table.IsOpened ? (byte)1 : (byte)0);
        writer.WriteUInt64(table.Floor);
        table.Name.Write(ref writer);
        Append(writer.Written, default, isNeeded: false);
    }

    public (long Number, int Length) Append(DataTable table, SignedEntry entry)
    {
        Span<byte> head = stackalloc byte[1 + VarInt.MaxLength];
        var writer = new SpanWriter(head);
        writer.WriteByte((byte)DataRecordKind.Entry);
        writer.WriteVarInt((ulong)table.Channel);
        return (Append(writer.Written, entry.Bytes, isNeeded: true), writer.Position + entry.Bytes.Length);
    }

    public void AppendDropped(DataTable table, Digest key)
    {
        Span<byte> record = stackalloc byte[1 + VarInt.MaxLength + Digest.Size];
        var writer = new SpanWriter(record);
        writer.WriteByte((byte)DataRecordKind.Dropped);
        writer.WriteVarInt((ulong)table.Channel);
        key.CopyTo(writer.Reserve(Digest.Size));
        Append(writer.Written, default, isNeeded: false);
    }

    public void Set(BlobRecord blob)
    {
        Blobs[blob.Id] = blob;
        AppendBlob(blob);
    }

    public void Remove(BlobId blob)
    {
        if (!Blobs.Remove(blob)) { return; }
        Append([(byte)DataRecordKind.BlobGone, .. blob.Digest.ToArray()], default, isNeeded: false);
    }

    public byte[]? Read(EntryRecord record)
    {
        byte[]? bytes;
        try
        {
            bytes = _log?.TryRead(record.Number);
        }
        catch (StoreException exception)
        {
            Unreadable?.Invoke(exception);
            return null;
        }
        if (bytes is null) { return null; }
        return VarInt.TryRead(bytes.AsSpan(1), out _, out var length) ? bytes[(1 + length)..] : null;
    }

    public void Release(long number, int length) => _log?.Release(number, length);

    /// <summary>Writes what is to be written.</summary>
    public ValueTask DisposeAsync()
    {
        lock (gate) { _isClosed = true; }
        return _log?.DisposeAsync() ?? default;
    }

    private long Append(ReadOnlySpan<byte> head, ReadOnlySpan<byte> data, bool isNeeded)
    {
        if (_log is null) { return 0; }
        try
        {
            return _log.Append(head, data, isNeeded, isUrgent: true, out _last);
        }
        catch (StoreException exception)
        {
            throw Failures.Of(exception);
        }
    }

    private void AppendBlob(BlobRecord blob)
    {
        Span<byte> record = stackalloc byte[2 + VarInt.MaxLength + 16 + (2 * Digest.Size)];
        var writer = new SpanWriter(record);
        writer.WriteByte((byte)DataRecordKind.Blob);
        blob.Id.Digest.CopyTo(writer.Reserve(Digest.Size));
        writer.WriteVarInt((ulong)blob.Length);
        blob.File.TryWriteBytes(writer.Reserve(16));
        writer.WriteBytes(blob.Key);
        writer.WriteByte((byte)((blob.IsWhole ? 1 : 0) | (blob.IsPinned ? 2 : 0)));
        Append(writer.Written, default, isNeeded: false);
    }

    // Under the lock, as all that appends.
    private void WriteCheckpoint()
    {
        foreach (var table in _channels.Values.ToArray()) { Append(table); }
        foreach (var blob in Blobs.Values) { AppendBlob(blob); }
    }

    private void Replay(long number, ReadOnlySpan<byte> record)
    {
        var reader = new SpanReader(record);
        if (!reader.TryReadByte(out var kind)) { return; }
        switch ((DataRecordKind)kind)
        {
            case DataRecordKind.Collection: ReplayCollection(ref reader); break;
            case DataRecordKind.Entry when ReadTable(ref reader) is { } table && SignedEntry.Parse(reader.Remaining, int.MaxValue, int.MaxValue) is { } entry: Exchange.Replay(table, entry, number, record.Length); break;
            case DataRecordKind.Dropped when ReadTable(ref reader) is { } table && reader.TryReadBytes(Digest.Size, out var key): table.Remove(Digest.Read(key)); break;
            case DataRecordKind.Blob: ReplayBlob(ref reader); break;
            case DataRecordKind.BlobGone when reader.TryReadBytes(Digest.Size, out var id): Blobs.Remove(new(Digest.Read(id))); break;
        }
    }

    private DataTable? ReadTable(ref SpanReader reader) => reader.TryReadVarInt(out var channel) && channel <= int.MaxValue ? _channels.GetValueOrDefault((int)channel) : null;

    private void ReplayCollection(ref SpanReader reader)
    {
        if (!reader.TryReadVarInt(out var channel) || !reader.TryReadByte(out _) || !reader.TryReadUInt64(out var floor) || CollectionName.Read(ref reader) is not { } name) { return; }
        if (!_channels.TryGetValue((int)channel, out var table)) { _channels.Add((int)channel, table = Exchange.Add(name, (int)channel)); }
        table.Floor = floor;
    }

    private void ReplayBlob(ref SpanReader reader)
    {
        if (!reader.TryReadBytes(Digest.Size, out var id) || !reader.TryReadVarInt(out var length) || !reader.TryReadBytes(16, out var file)) { return; }
        if (!reader.TryReadBytes(Digest.Size, out var key) || !reader.TryReadByte(out var flags)) { return; }
        var blob = new BlobId(Digest.Read(id));
        Blobs[blob] = new(blob, (long)length, new(file), key.ToArray(), (flags & 1) != 0, (flags & 2) != 0);
    }

    // The log's writer.
    private void HandleCommitted(long through)
    {
        lock (gate)
        {
            if (_renewed.Count > 0 && _renewed[^1].New <= through)
            {
                foreach (var (record, old, _) in _renewed) { _log!.Release(old, record.RecordLength); }
                _renewed.Clear();
            }
            Exchange.HandleCommitted(through);
            RenewOldest();
        }
    }

    // The log's writer.
    private void HandleFailed(long first, long last, StoreException failure)
    {
        lock (gate)
        {
            foreach (var (record, old, renewed) in _renewed)
            {
                if (record.Number == renewed) { record.Number = old; }
            }
            _renewed.Clear();
            Exchange.HandleFailed(first);
        }
        Failed?.Invoke(failure);
    }

    // What little is still needed of the oldest segment goes to the end of the log, a piece at a time, so that its file can be deleted.
    private void RenewOldest()
    {
        const int Piece = 256;
        if (_isClosed || _renewed.Count > 0 || _log is not { } log || !log.WantsRenewal(out var first, out var end)) { return; }
        foreach (var table in _channels.Values)
        {
            foreach (var record in table.Entries.Where(one => one.Number >= first && one.Number < end && one.Previous is null))
            {
                if (_renewed.Count == Piece) { return; }
                if (log.TryRead(record.Number) is not { } bytes) { continue; }
                var old = record.Number;
                record.Number = Append(bytes, default, isNeeded: true);
                _renewed.Add((record, old, record.Number));
            }
        }
    }
}
