using System.Security.Cryptography;
using Coco.Quic.Packets;

namespace Coco.Interop.Tests.Http3;

/// <summary>Reads one response as it arrives: cuts frames, notes the status, and hashes the body.</summary>
internal sealed class Http3Response : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<byte> _pending = []; // of a frame header, or of HEADERS
    private ulong _type;
    private long _left; // of the current frame
    private bool _inFrame;

    public bool IsOk { get; private set; }

    public bool IsComplete { get; private set; }

    public long BodyLength { get; private set; }

    /// <summary>SHA-256 of the body, once.</summary>
    public byte[] TakeHash() => _hash.GetHashAndReset();

    public void Append(ReadOnlySpan<byte> bytes, bool fin)
    {
        while (!bytes.IsEmpty)
        {
            if (!_inFrame) { ReadFrameHead(ref bytes); continue; }
            var part = bytes[..(int)Math.Min(bytes.Length, _left)];
            bytes = bytes[part.Length..];
            _left -= part.Length;
            if (_type == Http3Frames.Data) { _hash.AppendData(part); BodyLength += part.Length; }
            if (_type == Http3Frames.Headers) { _pending.AddRange(part); }
            if (_left == 0) { EndFrame(); }
        }
        IsComplete |= fin;
    }

    public void Dispose() => _hash.Dispose();

    private void ReadFrameHead(ref ReadOnlySpan<byte> bytes)
    {
        _pending.Add(bytes[0]);
        bytes = bytes[1..];
        var head = _pending.ToArray();
        if (!VarInt.TryRead(head, out _type, out var typeLength) || !VarInt.TryRead(head.AsSpan(typeLength), out var length, out _)) { return; }
        _pending.Clear();
        _left = (long)length;
        _inFrame = _left > 0;
    }

    private void EndFrame()
    {
        _inFrame = false;
        // After the two bytes of the prefix; any encoder puts :status first and finds it in the static table.
        if (_type == Http3Frames.Headers) { IsOk |= _pending.Count > 2 && _pending[2] == Http3Frames.Status200; }
        _pending.Clear();
    }
}
