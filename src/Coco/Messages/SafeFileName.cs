using System.Text;

namespace Coco.Messages;

/// <summary>Names of files as a peer gives them: of one file in one folder, on any system.</summary>
internal static class SafeFileName
{
    public const int MaxBytes = 200;

    /// <summary>The name as it can be used here; null where there is none to be made.</summary>
    public static string? Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty || utf8.Length > MaxBytes || !System.Text.Unicode.Utf8.IsValid(utf8)) { return null; }
        var name = Encoding.UTF8.GetString(utf8);
        if (name.AsSpan().IndexOfAny('/', '\\') >= 0 || name.Any(char.IsControl) || name.Trim('.', ' ').Length == 0) { return null; }
        // Windows: reserved characters and names, and no dot or space at the end. A file that begins with a dot is hidden, and may be a shell's.
        var safe = new string([.. name.Select(static one => ":*?\"<>|".Contains(one) ? '_' : one)]).TrimEnd('.', ' ');
        if (safe[0] == '.') { safe = "_" + safe[1..]; }
        var stem = Path.GetFileNameWithoutExtension(safe).ToUpperInvariant();
        var isReserved = stem is "CON" or "PRN" or "AUX" or "NUL" || (stem.Length == 4 && (stem.StartsWith("COM", StringComparison.Ordinal) || stem.StartsWith("LPT", StringComparison.Ordinal)) && char.IsDigit(stem[3]));
        return isReserved ? "_" + safe : safe;
    }
}
