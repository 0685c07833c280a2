using System.Text;
using Coco.Quic.Packets;

namespace Coco.Cluster;

/// <summary>Texts on the wire: a length as a variable-length integer, then UTF-8.</summary>
internal static class WireText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Bytes of a text on the wire.</summary>
    public static int Length(string text)
    {
        var bytes = Strict.GetByteCount(text);
        return VarInt.Length((ulong)bytes) + bytes;
    }

    public static void Write(ref SpanWriter writer, string text)
    {
        var length = Strict.GetByteCount(text);
        writer.WriteVarInt((ulong)length);
        Strict.GetBytes(text, writer.Reserve(length));
    }

    /// <summary>A text of at most <paramref name="maxBytes"/> bytes without control characters.</summary>
    public static bool TryRead(ref SpanReader reader, int maxBytes, out string text)
    {
        text = "";
        if (!reader.TryReadVarIntBytes(out var bytes) || bytes.Length > maxBytes || !System.Text.Unicode.Utf8.IsValid(bytes)) { return false; }
        text = Strict.GetString(bytes);
        return IsPlain(text);
    }

    /// <summary>A label (<see cref="Labels"/>), or nothing where <paramref name="orEmpty"/> says so.</summary>
    public static bool TryReadLabel(ref SpanReader reader, bool orEmpty, out string label) =>
        TryRead(ref reader, Labels.MaxLength, out label) && (label.Length == 0 ? orEmpty : Labels.IsValid(label));

    /// <summary>Whether a text is safe to print: no control characters (Unicode category Cc), no lone surrogates.</summary>
    public static bool IsPlain(ReadOnlySpan<char> text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || rune == Rune.ReplacementChar) { return false; }
        }
        return true;
    }
}
