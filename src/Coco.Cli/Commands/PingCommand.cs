using System.CommandLine;
using System.Globalization;
using Coco.Cli.Api;
using Coco.Cli.Client;

namespace Coco.Cli.Commands;

/// <summary><c>coco ping</c>: round trips to a node.</summary>
internal static class PingCommand
{
    public static Command Make(Shell shell)
    {
        var node = CommonArguments.Node(shell);
        var network = CommonOptions.Network(shell);
        var count = new Option<int>("--count", "-c") { Description = "How many times; 0 until it is interrupted", HelpName = "COUNT", DefaultValueFactory = static _ => 4 };
        var interval = new Option<string>("--interval", "-i") { Description = "How long between two, such as 1s", HelpName = "TIME", DefaultValueFactory = static _ => "1s" };
        return new Command("ping", "Measure round trips to a node, over the way that data takes, and tell which way that is") { node, network, count, interval }
            .WithExamples("coco ping kitchen", "coco ping kitchen --count 0 --interval 5s")
            .Runs(shell, invocation => RunAsync(
                invocation, Route.To("/v1/ping", ("network", invocation.Get(network))),
                new(invocation.Need(node), Math.Max(0, invocation.Get(count)), (int)Durations.Parse(invocation.Get(interval)!).TotalMilliseconds)));
    }

    private static async Task RunAsync(Invocation invocation, string path, PingWish wish)
    {
        var times = new List<double>();
        var asked = 0;
        string? why = null;
        var lines = invocation.Daemon.LinesAsync<PingWish, PingView>(path, wish, invocation.Stopping).GetAsyncEnumerator(invocation.Stopping);
        await using (lines)
        {
            // The first line waits for the connection.
            for (var more = await invocation.WaitAsync($"Connecting to {wish.Node}", lines.MoveNextAsync().AsTask()); more; more = await lines.MoveNextAsync())
            {
                var line = lines.Current;
                asked++;
                why = line.Why ?? why;
                if (line.RoundTripMs is { } time) { times.Add(time); }
                invocation.Print(line, Tell(invocation));
            }
        }
        if (!invocation.IsJson) { Sum(invocation, asked, times, why); }
        if (times.Count == 0) { throw new CommandException(ExitCode.Unreachable, $"{wish.Node} did not answer. `coco peers` shows whether there is a way to it."); }
    }

    private static Action<PingView> Tell(Invocation invocation) => line =>
    {
        invocation.Output.WriteLine(
            line.RoundTripMs is { } time
                ? $"{line.Node}: {Ms(time)} by {line.Path ?? "no path"}{(line.Address is { } address ? $" to {address}" : "")}{(line.PathMs is { } below ? $", packets {Ms(below)}" : "")}"
                : $"{line.Node}: {line.Problem}");
        invocation.Output.Flush();
    };

    private static void Sum(Invocation invocation, int asked, List<double> times, string? why)
    {
        if (times.Count > 0)
        {
            times.Sort();
            invocation.Output.WriteLine($"{times.Count} of {asked} answered: least {Ms(times[0])}, middle {Ms(times[times.Count / 2])}, most {Ms(times[^1])}");
        }
        if (why is not null) { invocation.Output.WriteLine(why); }
    }

    private static string Ms(double time) => time.ToString("0.00 ms", CultureInfo.InvariantCulture);
}
