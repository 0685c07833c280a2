using System.Globalization;
using Coco.ControlPlane.Commands;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Operations;

/// <summary><c>coco-control audit</c>, beside an instance that may be running.</summary>
internal static class AuditCommands
{
    private const int MaxListed = 10_000;
    private const int MaxDays = 3650;
    private const string Usage = "audit [DAYS] [WORD] [--NAME VALUE]...";

    public static IReadOnlyList<Command> All { get; } =
    [
        new("audit", "[DAYS] [WORD]", "lists who changed what in the last days, one by default; those with a word in who or what", RunAsync),
    ];

    private static async Task<int> RunAsync(CommandCall call)
    {
        if (DaysOf(call.Arguments) is not { } days || call.Arguments.Count > 2) { return await call.MisusedAsync(Usage); }
        var word = call.Arguments.Count == 2 ? call.Arguments[1] : "";
        await using var database = await call.OpenDatabaseAsync();
        var events = await database.ReadAsync(session => ListAsync(session, TimeProvider.System.GetUtcNow().AddDays(-days), word), CancellationToken.None);
        if (events.Count > MaxListed) { await call.Error.WriteLineAsync($"There were more before: these are the newest {MaxListed}."); }
        foreach (var line in events.Take(MaxListed).Reverse()) { await call.Output.WriteLineAsync(line); }
        return EntryPoint.Done;
    }

    // The newest, newest first.
    private static Task<List<string>> ListAsync(Session session, DateTimeOffset since, string word)
    {
        // What is looked for stands for itself: a plain text, and no pattern of LIKE.
        SqlText condition = word.Length == 0 ? SqlText.Empty : $"AND REPLACE(caller || ' ' || operation || ' ' || subject, {word}, '') <> caller || ' ' || operation || ' ' || subject";
        return session.QueryAsync(
            $"SELECT at, caller, operation, subject FROM audit_events WHERE at >= {since} {condition} ORDER BY at DESC, id LIMIT {MaxListed + 1L}",
            static row => string.Create(CultureInfo.InvariantCulture, $"{row.Time("at"):yyyy-MM-ddTHH:mm:ssZ} {row.Text("caller")} {row.Text("operation")} {row.Text("subject")}"));
    }

    private static int? DaysOf(IReadOnlyList<string> words)
    {
        if (words.Count == 0) { return 1; }
        return int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= 1 and <= MaxDays ? days : null;
    }
}
