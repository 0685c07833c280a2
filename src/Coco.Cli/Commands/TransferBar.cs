using Spectre.Console;

namespace Coco.Cli.Commands;

/// <summary>How far a transfer is: a bar at a terminal, nothing elsewhere.</summary>
internal static class TransferBar
{
    /// <summary>Follows a transfer to its end, and gives the last that was said of it.</summary>
    /// <param name="invocation">The command.</param>
    /// <param name="what">What is transferred.</param>
    /// <param name="lines">What the daemon says.</param>
    /// <param name="stateOf">How many bytes of how many that means.</param>
    public static async Task<TLine> FollowAsync<TLine>(Invocation invocation, string what, IAsyncEnumerable<TLine> lines, Func<TLine, (long Done, long Length)> stateOf)
        where TLine : class
    {
        if (invocation.IsJson || !invocation.Shell.Notes.Profile.Capabilities.Interactive) { return await ReadAsync(lines, static _ => { }); }
        return await invocation.Shell.Notes.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(context =>
            {
                var bar = context.AddTask(Markup.Escape(what));
                return ReadAsync(lines, line =>
                {
                    var (done, length) = stateOf(line);
                    (bar.MaxValue, bar.Value) = (Math.Max(1, length), length == 0 ? 1 : done);
                });
            });
    }

    private static async Task<TLine> ReadAsync<TLine>(IAsyncEnumerable<TLine> lines, Action<TLine> show)
        where TLine : class
    {
        TLine? last = null;
        await foreach (var line in lines)
        {
            show(line);
            last = line;
        }
        return last ?? throw new CommandException(ExitCode.Failed, "The daemon ended before it said what came of it. Ask again; `coco logs` may say why.");
    }
}
