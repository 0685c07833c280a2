using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Topics.Core;

/// <summary>Fields and frames as <see cref="TopicFrameType"/> draws them.</summary>
internal static class TopicWire
{
    // Type, and a length of up to four bytes.
    private const int MaxFrameHeader = 5;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void AppendByte(this Outbox outbox, byte value)
    {
        outbox.Reserve(1)[0] = value;
        outbox.Advance(1);
    }

    public static void AppendUInt64(this Outbox outbox, ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(outbox.Reserve(sizeof(ulong)), value);
        outbox.Advance(sizeof(ulong));
    }

    public static void AppendVarInt(this Outbox outbox, ulong value) => outbox.Advance(VarInt.Write(outbox.Reserve(VarInt.MaxLength), value));

    public static void AppendNode(this Outbox outbox, NodeId node)
    {
        node.CopyTo(outbox.Reserve(NodeId.Size));
        outbox.Advance(NodeId.Size);
    }

    public static void AppendText(this Outbox outbox, string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        outbox.AppendVarInt((ulong)length);
        outbox.Advance(Encoding.UTF8.GetBytes(text, outbox.Reserve(length)));
    }

    public static void AppendBytes(this Outbox outbox, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(outbox.Reserve(bytes.Length));
        outbox.Advance(bytes.Length);
    }

    /// <summary>What was appended, and the signature of it.</summary>
    public static byte[] TakeSigned(this Outbox outbox, ITopicSeal seal)
    {
        var length = outbox.Length;
        var signed = new byte[length + IdentityKey.SignatureSize];
        var taken = outbox.Take();
        taken.AsSpan().CopyTo(signed);
        ArrayPool<byte>.Shared.Return(taken.Array!);
        seal.Sign(signed.AsSpan(0, length), signed.AsSpan(length));
        return signed;
    }

    /// <summary>Begins a frame whose body has so many bytes, to be appended next.</summary>
    public static void AppendFrame(this Outbox outbox, TopicFrameType type, int length)
    {
        var span = outbox.Reserve(MaxFrameHeader);
        span[0] = (byte)type;
        outbox.Advance(1 + VarInt.Write(span[1..], (ulong)length));
    }

    public static void AppendFrame(this Outbox outbox, TopicFrameType type, ReadOnlySpan<byte> body)
    {
        outbox.AppendFrame(type, body.Length);
        outbox.AppendBytes(body);
    }

    /// <summary>A frame of two integers.</summary>
    public static void AppendPair(this Outbox outbox, TopicFrameType type, ulong first, ulong second)
    {
        outbox.AppendFrame(type, VarInt.Length(first) + VarInt.Length(second));
        outbox.AppendVarInt(first);
        outbox.AppendVarInt(second);
    }

    public static void AppendUInt64Frame(this Outbox outbox, TopicFrameType type, ulong value)
    {
        outbox.AppendFrame(type, sizeof(ulong));
        outbox.AppendUInt64(value);
    }

    /// <summary>A frame that was put together elsewhere.</summary>
    public static void AppendFrame(this Outbox outbox, TopicFrameType type, Outbox body)
    {
        var bytes = body.Take();
        outbox.AppendFrame(type, bytes.AsSpan());
        if (bytes.Array!.Length > 0) { ArrayPool<byte>.Shared.Return(bytes.Array); }
    }

    /// <summary>Whether nothing in there takes longer than a message does: no signatures, no lists.</summary>
    public static bool AreMessages(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if ((TopicFrameType)bytes[0] is not (TopicFrameType.Message or TopicFrameType.Asked or TopicFrameType.Clock or TopicFrameType.Ack)) { return false; }
            if (ReadFrame(bytes, int.MaxValue, out _, out _) is not (> 0 and var length)) { return true; }
            bytes = bytes[length..];
        }
        return true;
    }

    /// <summary>A text that is none is refused, as is a longer one.</summary>
    public static bool TryReadText(this ref SpanReader reader, int maxLength, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (!reader.TryReadVarIntBytes(out var bytes) || bytes.Length > maxLength || !System.Text.Unicode.Utf8.IsValid(bytes)) { return false; }
        text = Strict.GetString(bytes);
        return true;
    }

    /// <summary>A frame's type and body, and how many bytes it has; 0 where more must come, -1 where it is none.</summary>
    public static int ReadFrame(ReadOnlySpan<byte> bytes, int maxLength, out TopicFrameType type, out ReadOnlySpan<byte> body)
    {
        type = default;
        body = default;
        if (bytes.Length < 2) { return 0; }
        type = (TopicFrameType)bytes[0];
        ulong length = bytes[1];
        var header = 2;
        if (length >= 0x40)
        {
            if (!VarInt.TryRead(bytes[1..], out length, out var used)) { return 0; }
            header = 1 + used;
        }
        if (length > (ulong)maxLength) { return -1; }
        if ((ulong)(bytes.Length - header) < length) { return 0; }
        body = bytes.Slice(header, (int)length);
        return header + (int)length;
    }
}
