using System.Globalization;

namespace Coco.Cli.Commands;

/// <summary>Times as people write them: 300ms, 90s, 30m, 12h, 7d.</summary>
internal static class Durations
{
    public static TimeSpan Parse(string text)
    {
        var digits = text.AsSpan().TrimEnd("smhd");
        var unit = text.AsSpan(digits.Length) switch
        {
            "ms" => TimeSpan.FromMilliseconds(1),
            "s" => TimeSpan.FromSeconds(1),
            "m" => TimeSpan.FromMinutes(1),
            "h" => TimeSpan.FromHours(1),
            "d" => TimeSpan.FromDays(1),
            _ => TimeSpan.Zero,
        };
        // At most a thousand years, so that nothing overflows.
        return unit > TimeSpan.Zero && double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) && count * unit.TotalDays < 365_000
            ? count * unit
            : throw new CommandException(ExitCode.Usage, $"'{text}' is no time. Write 300ms, 90s, 30m, 12h or 7d.");
    }
}
