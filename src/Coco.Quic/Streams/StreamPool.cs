namespace Coco.Quic.Streams;

/// <summary>
/// Spare blocks and stream states for all connections of one loop, which owns it: it takes no lock. Connections hold none of
/// their own, so an idle one costs nothing here and a busy one allocates nothing.
/// </summary>
internal sealed class StreamPool(int maxBlocks = StreamPool.DefaultMaxBlocks)
{
    /// <summary>Blocks of 16 KiB: a dozen packets between two rentals, and a stream of one byte still costs little.</summary>
    public const int BlockShift = 14;

    public const int BlockSize = 1 << BlockShift;
    public const int BlockMask = BlockSize - 1;

    // 40 MiB: what one connection holds at its full windows, both ways; less would be let go of and made again all the time.
    public const int DefaultMaxBlocks = 2560;

    // 2 MiB: what stays however little is used.
    public const int IdleBlocks = 128;

    private const int MaxStates = 256;

    private readonly Stack<byte[]> _blocks = new();
    private readonly Stack<StreamEntry> _entries = new();
    private readonly Stack<SendStream> _sendStreams = new();
    private readonly Stack<ReceiveStream> _receiveStreams = new();
    private readonly Stack<StreamList[]> _lists = new();

    private int _peak; // most blocks in use since the last trim

    /// <summary>Whether more blocks are kept than an idle pool needs.</summary>
    public bool IsLarge => _blocks.Count > IdleBlocks;

    /// <summary>Blocks handed out and not yet returned.</summary>
    public int RentedBlocks { get; private set; }

    public byte[] RentBlock()
    {
        RentedBlocks++;
        _peak = Math.Max(_peak, RentedBlocks);
        return _blocks.TryPop(out var block) ? block : GC.AllocateUninitializedArray<byte>(BlockSize);
    }

    public void ReturnBlock(byte[] block)
    {
        RentedBlocks--;
        if (_blocks.Count < maxBlocks) { _blocks.Push(block); }
    }

    /// <summary>Gives back to the runtime what was not needed since the last call, so that a burst does not stay in memory for good.</summary>
    public void Trim()
    {
        while (IsLarge && RentedBlocks + _blocks.Count > _peak) { _blocks.Pop(); }
        _peak = RentedBlocks;
    }

    public StreamEntry RentEntry() => _entries.TryPop(out var entry) ? entry : new();

    public SendStream RentSendStream() => _sendStreams.TryPop(out var stream) ? stream : new();

    public ReceiveStream RentReceiveStream() => _receiveStreams.TryPop(out var stream) ? stream : new();

    /// <summary>Empty lists for a scheduler, always as many.</summary>
    public StreamList[] RentLists(int count) => _lists.TryPop(out var lists) ? lists : new StreamList[count];

    /// <summary>Takes back lists that are empty.</summary>
    public void Return(StreamList[] lists)
    {
        if (_lists.Count < MaxStates) { _lists.Push(lists); }
    }

    /// <summary>Takes back a stream that no list or table names any more.</summary>
    public void Return(StreamEntry entry)
    {
        if (entry.Send is { } send)
        {
            send.Clear(this);
            if (_sendStreams.Count < MaxStates) { _sendStreams.Push(send); }
        }
        if (entry.Receive is { } receive)
        {
            receive.Clear(this);
            if (_receiveStreams.Count < MaxStates) { _receiveStreams.Push(receive); }
        }
        entry.Clear();
        if (_entries.Count < MaxStates) { _entries.Push(entry); }
    }
}
