using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Coco.Cli.Api;
using Spectre.Console;

namespace Coco.Cli.Commands;

/// <summary><c>coco logs</c>: reads the log file, whether the daemon runs or not.</summary>
internal static class LogsCommand
{
    // Chosen: shorter than people notice; files tell nobody that they grow on every system.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    public static Command Make(Shell shell)
    {
        var lines = new Option<int>("--lines") { Description = "How many of the newest lines; 0 for none but new ones", HelpName = "COUNT", DefaultValueFactory = static _ => 50 };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what is written, until it is interrupted" };
        var errors = new Option<bool>("--errors") { Description = "Warnings, errors and faults only" };
        return new Command("logs", "Show the daemon's log") { lines, follow, errors }
            .WithExamples("coco logs", "coco logs --follow", "coco logs --errors --lines 1000 --json")
            .Runs(shell, async invocation =>
            {
                var file = invocation.Shell.Places.LogFile;
                if (!File.Exists(file) && !invocation.Get(follow)) { throw new CommandException(ExitCode.NotFound, $"There is no log yet: {file} is written when the daemon runs. Start it: `coco up`."); }
                var isWanted = invocation.Get(errors) ? static line => line.Level is "warn" or "error" or "fault" : (Func<LogLine, bool>)(static _ => true);
                var position = Newest(invocation, file, Math.Max(0, invocation.Get(lines)), isWanted);
                if (invocation.Get(follow)) { await FollowAsync(invocation, file, position, isWanted); }
            });
    }

    private static long Newest(Invocation invocation, string file, int count, Func<LogLine, bool> isWanted)
    {
        var (text, position) = Read(file, 0);
        var before = File.Exists(file + ".1") ? Read(file + ".1", 0).Text : "";
        // What belongs to a line, such as a stack, stands indented below it.
        var entries = Entries(before).Concat(Entries(text)).Where(entry => isWanted(entry.Line)).ToArray();
        foreach (var (line, rest) in entries.TakeLast(count)) { Write(invocation, line, rest); }
        return position;
    }

    private static async Task FollowAsync(Invocation invocation, string file, long position, Func<LogLine, bool> isWanted)
    {
        try
        {
            while (true)
            {
                if (File.Exists(file) && new FileInfo(file).Length < position) { position = 0; } // begun anew
                var (text, next) = Read(file, position);
                position = next;
                foreach (var (line, rest) in Entries(text).Where(entry => isWanted(entry.Line))) { Write(invocation, line, rest); }
                await invocation.Output.FlushAsync(invocation.Stopping);
                await Task.Delay(Look, invocation.Stopping);
            }
        }
        catch (OperationCanceledException)
        {
            // That is how following ends.
        }
    }

    // Whole lines only: the last may be half written.
    private static (string Text, long Next) Read(string file, long position)
    {
        if (!File.Exists(file)) { return ("", 0); }
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = Math.Min(position, stream.Length);
        var bytes = new byte[stream.Length - stream.Position];
        var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var end = Array.LastIndexOf(bytes, (byte)'\n', length - 1 < 0 ? 0 : length - 1) + 1;
        return (Encoding.UTF8.GetString(bytes, 0, end), position + end);
    }

    private static IEnumerable<(LogLine Line, string Details)> Entries(string text)
    {
        LogLine? current = null;
        var rest = new StringBuilder();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (TryParse(line, out var next))
            {
                if (current is not null) { yield return (current, rest.ToString()); }
                (current, rest) = (next, new());
            }
            else
            {
                rest.Append(line).Append('\n');
            }
        }
        if (current is not null) { yield return (current, rest.ToString()); }
    }

    private static bool TryParse(string line, out LogLine parsed)
    {
        parsed = null!;
        if (line.Length < 32 || line[0] == ' ') { return false; }
        var parts = line.Split(' ', 2)[1].TrimStart().Split(' ', 2);
        if (parts.Length < 2) { return false; }
        var rest = parts[1].TrimStart();
        var (open, close) = (rest.IndexOf('[', StringComparison.Ordinal), rest.IndexOf("] ", StringComparison.Ordinal));
        if (open < 0 || close < open || !int.TryParse(rest.AsSpan(open + 1, close - open - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) { return false; }
        parsed = new(line.Split(' ', 2)[0], parts[0].ToLowerInvariant(), rest[..open], id, rest[(close + 2)..]);
        return true;
    }

    private static void Write(Invocation invocation, LogLine line, string rest)
    {
        if (invocation.IsJson)
        {
            invocation.Output.WriteLine(JsonSerializer.Serialize(line, ApiJson.Default.LogLine));
            return;
        }
        var colour = line.Level switch { "fault" or "error" => "red", "warn" => "yellow", _ => "default" };
        invocation.Shell.Screen.MarkupLine($"{line.Time} [{colour}]{line.Level,-5}[/] {Markup.Escape(line.Message)} [grey]{Markup.Escape(line.Source)} {line.Id}[/]");
        if (rest.Length > 0) { invocation.Output.WriteLine($"      `{invocation.Shell.Places.LogFile}` has {rest.AsSpan().Count('\n')} lines more of this."); }
    }
}
