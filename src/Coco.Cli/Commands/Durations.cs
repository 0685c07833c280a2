using System.Globalization;

namespace Coco.Cli.Commands;

/// <summary>Times as people write them: 90s, 30m, 12h, 7d.</summary>
internal static class Durations
{
    public static TimeSpan Parse(string text)
    {
        var unit = text.Length < 2 ? TimeSpan.Zero : text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            _ => TimeSpan.Zero,
        };
        // At most a thousand years, so that nothing overflows.
        return unit > TimeSpan.Zero && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) && count * unit.TotalDays < 365_000
            ? count * unit
            : throw new CommandException(ExitCode.Usage, $"'{text}' is no time. Write 90s, 30m, 12h or 7d.");
    }
}
