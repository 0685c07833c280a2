using Coco.Quic.Connections;
using Coco.Quic.Packets;
using Coco.Quic.Streams;

namespace Coco.Traversal.Roaming;

/// <summary>
/// Control messages on stream 0 of a connection, which its client opens:
/// <code>type (varint) ‖ length (varint) ‖ body, at most 16,384 bytes</code>
/// (varints as in RFC 9000 §16). Messages of unknown types are for the owner to skip.
/// </summary>
internal sealed class ControlStream(QuicConnection connection)
{
    /// <summary>The stream that carries them.</summary>
    public const long Id = 0;

    /// <summary>Bytes of the longest body.</summary>
    public const int MaxBodyLength = 16_384;

    private const int MaxHeaderLength = 2 * VarInt.MaxLength;
    private const int MaxQueued = 256 * 1024; // chosen: a peer that takes none of our messages does not make us keep more

    private byte[] _received = [];
    private int _receivedLength;
    private byte[] _queued = [];
    private int _queuedLength;
    private int _taken;

    /// <summary>Whether the stream exists, on our side or the peer's.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Whether the peer broke the framing, ended the stream or let our messages pile up: the connection is of no use then.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Whether messages wait for the stream to take them.</summary>
    public bool IsBlocked => _queuedLength > 0;

    /// <summary>The client's side: opens the stream. It is the first of the connection.</summary>
    public void Open()
    {
        IsOpen = connection.TryOpenStream(bidirectional: true, out var id) && id == Id;
        IsBroken = !IsOpen;
        if (IsOpen) { connection.SetPriority(Id, urgency: 0, incremental: false); }
    }

    /// <summary>The server's side: the peer has opened the stream.</summary>
    public void HandleOpened()
    {
        IsOpen = true;
        connection.SetPriority(Id, urgency: 0, incremental: false);
    }

    /// <summary>Sends a message, now or as soon as the stream takes it.</summary>
    public void Send(ulong type, ReadOnlySpan<byte> body)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(body.Length, MaxBodyLength);
        if (_queuedLength + MaxHeaderLength + body.Length > MaxQueued) { IsBroken = true; }
        if (IsBroken) { return; }
        Reserve(ref _queued, _queuedLength + MaxHeaderLength + body.Length);
        _queuedLength += VarInt.Write(_queued.AsSpan(_queuedLength), type);
        _queuedLength += VarInt.Write(_queued.AsSpan(_queuedLength), (ulong)body.Length);
        body.CopyTo(_queued.AsSpan(_queuedLength));
        _queuedLength += body.Length;
        Flush();
    }

    /// <summary>Hands what waits to the stream; when it is writable again.</summary>
    public void Flush()
    {
        if (!IsOpen || _queuedLength == 0) { return; }
        if (connection.Write(Id, _queued.AsSpan(0, _queuedLength), fin: false, out var written).Status is not (StreamWriteStatus.Ok or StreamWriteStatus.Blocked))
        {
            IsBroken = true;
            return;
        }
        _queued.AsSpan(written, _queuedLength - written).CopyTo(_queued);
        _queuedLength -= written;
        if (_queuedLength == 0) { _queued = []; }
    }

    /// <summary>The next whole message; its body holds until the next call.</summary>
    public bool TryTake(out ulong type, out ReadOnlySpan<byte> body)
    {
        type = 0;
        body = default;
        if (!IsOpen || IsBroken) { return false; }
        DropTaken();
        while (!TryParse(out type, out body))
        {
            if (IsBroken || !TryReadMore()) { return false; }
        }
        return true;
    }

    private bool TryParse(out ulong type, out ReadOnlySpan<byte> body)
    {
        body = default;
        var source = _received.AsSpan(0, _receivedLength);
        if (!VarInt.TryRead(source, out type, out var typeLength) || !VarInt.TryRead(source[typeLength..], out var length, out var lengthLength)) { return false; }
        if (length > MaxBodyLength)
        {
            IsBroken = true;
            return false;
        }
        var start = typeLength + lengthLength;
        if (source.Length < start + (int)length) { return false; }
        body = source.Slice(start, (int)length);
        _taken = start + (int)length;
        return true;
    }

    private void DropTaken()
    {
        if (_taken == 0) { return; }
        _received.AsSpan(_taken, _receivedLength - _taken).CopyTo(_received);
        _receivedLength -= _taken;
        _taken = 0;
        if (_receivedLength == 0) { _received = []; } // an idle connection holds no buffer
    }

    private bool TryReadMore()
    {
        // Called for whatever happens to the connection: with nothing to read it must cost nothing.
        if (connection.PeekRead(Id).IsEmpty)
        {
            var state = connection.Read(Id, [], out _, out var ended);
            if (ended || state.Status is not (StreamReadStatus.Ok or StreamReadStatus.Empty)) { IsBroken = true; }
            return false;
        }
        Reserve(ref _received, _receivedLength + 1024);
        var result = connection.Read(Id, _received.AsSpan(_receivedLength), out var read, out var fin);
        if (fin || result.Status is not (StreamReadStatus.Ok or StreamReadStatus.Empty)) { IsBroken = true; }
        _receivedLength += read;
        if (_receivedLength == 0) { _received = []; }
        return read > 0;
    }

    private static void Reserve(ref byte[] buffer, int length)
    {
        if (buffer.Length < length) { Array.Resize(ref buffer, Math.Max(length, 2 * buffer.Length)); }
    }
}
