using System.Text;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Statements;

/// <summary>Fields that statements and certificates share. Reading returns false for what is not as it must be, and throws for nothing.</summary>
internal static class WireFields
{
    // Throws on bytes that are not UTF-8, so that a text has one spelling; only used after IsValid, or on texts of our own.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void WriteKey(this ref SpanWriter writer, NodeId key) => key.CopyTo(writer.Reserve(NodeId.Size));

    public static void WriteId(this ref SpanWriter writer, StatementId id) => id.CopyTo(writer.Reserve(StatementId.Size));

    public static void WriteLengthBytes(this ref SpanWriter writer, ReadOnlySpan<byte> bytes)
    {
        writer.WriteVarInt((ulong)bytes.Length);
        writer.WriteBytes(bytes);
    }

    public static void WriteText(this ref SpanWriter writer, string text) => writer.WriteLengthBytes(Utf8.GetBytes(text));

    /// <summary>One byte 0 for none, or 1 and the key.</summary>
    public static void WriteOptionalKey(this ref SpanWriter writer, NodeId key)
    {
        writer.WriteByte(key.IsDefault ? (byte)0 : (byte)1);
        if (!key.IsDefault) { writer.WriteKey(key); }
    }

    public static bool TryReadKey(this ref SpanReader reader, out NodeId key)
    {
        key = default;
        if (!reader.TryReadBytes(NodeId.Size, out var bytes)) { return false; }
        key = NodeId.Read(bytes);
        return true;
    }

    public static bool TryReadId(this ref SpanReader reader, out StatementId id)
    {
        id = default;
        if (!reader.TryReadBytes(StatementId.Size, out var bytes)) { return false; }
        id = StatementId.Read(bytes);
        return true;
    }

    public static bool TryReadOptionalKey(this ref SpanReader reader, out NodeId key)
    {
        key = default;
        if (!reader.TryReadByte(out var has) || has > 1) { return false; }
        return has == 0 || (reader.TryReadKey(out key) && !key.IsDefault);
    }

    public static bool TryReadText(this ref SpanReader reader, int maxBytes, out string text)
    {
        text = "";
        if (!reader.TryReadVarIntBytes(out var bytes) || bytes.Length > maxBytes || !System.Text.Unicode.Utf8.IsValid(bytes)) { return false; }
        text = Utf8.GetString(bytes);
        return true;
    }

    public static bool TryReadLabel(this ref SpanReader reader, out string label) =>
        reader.TryReadText(Labels.MaxLength, out label) && Labels.IsValid(label);

    public static bool TryReadLengthBytes(this ref SpanReader reader, int maxBytes, out byte[] bytes)
    {
        bytes = [];
        if (!reader.TryReadVarIntBytes(out var read) || read.Length > maxBytes) { return false; }
        bytes = read.ToArray();
        return true;
    }

    /// <summary>Whether the text can be written with at most so many bytes.</summary>
    public static bool Fits(string text, int maxBytes)
    {
        try { return Utf8.GetByteCount(text) <= maxBytes; }
        catch (EncoderFallbackException) { return false; } // half a surrogate pair
    }
}
