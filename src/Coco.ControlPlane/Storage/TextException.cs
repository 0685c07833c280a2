namespace Coco.ControlPlane.Storage;

/// <summary>A text has U+0000, which PostgreSQL keeps in none: refused for either engine, so that both hold the same.</summary>
internal sealed class TextException() : Exception("A text has a character that no text has (U+0000).")
{
    /// <summary>Whether a text can be stored.</summary>
    public static bool IsStorable(string text) => !text.Contains('\0', StringComparison.Ordinal);
}
