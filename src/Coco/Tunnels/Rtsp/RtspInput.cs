using System.Buffers;

namespace Coco.Tunnels.Rtsp;

/// <summary>What has come in one direction and is not whole yet.</summary>
internal sealed class RtspInput : IDisposable
{
    private const int Smallest = 8 * 1024;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(Smallest);
    private int _begin;
    private int _end;
    private int _needed; // bytes from the beginning on, where it is known

    /// <summary>Where the next bytes go. There is room, as what is waited for has a limit.</summary>
    public Memory<byte> Room
    {
        get
        {
            MakeRoom();
            return _bytes.AsMemory(_end);
        }
    }

    public void Add(int count) => _end += count;

    /// <summary>Skips one byte, where it is this one.</summary>
    public bool TrySkip(byte one)
    {
        if (_begin == _end || _bytes[_begin] != one) { return false; }
        _begin++;
        return true;
    }

    /// <summary>Takes the next whole item. What it gives is valid until bytes are added.</summary>
    public ParseStatus TryTake(out ReadOnlySpan<byte> bytes, out RtspMessage? message, out bool isTooLong)
    {
        bytes = default;
        (message, isTooLong) = (null, false);
        var rest = _bytes.AsSpan(_begin, _end - _begin);
        if (rest.Length < _needed) { return ParseStatus.Incomplete; }
        var status = RtspReader.Read(rest, out var length, out message, out isTooLong);
        _needed = status is ParseStatus.Incomplete ? length : 0;
        if (status is not ParseStatus.Done)
        {
            message = null;
            return status;
        }
        bytes = rest[..length];
        _begin += length;
        return status;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref _bytes, []));

    private void MakeRoom()
    {
        var length = _end - _begin;
        // Back to a small one where a large one is needed no more.
        var wanted = Math.Max(Math.Max(_needed, length * 2), Smallest);
        if (_bytes.Length < wanted || (length == 0 && _bytes.Length > Smallest * 32))
        {
            var larger = ArrayPool<byte>.Shared.Rent(wanted);
            _bytes.AsSpan(_begin, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }
        else if (_begin > 0) { _bytes.AsSpan(_begin, length).CopyTo(_bytes); }
        (_begin, _end) = (0, length);
    }
}
