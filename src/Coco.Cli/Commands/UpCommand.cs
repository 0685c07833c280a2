using System.CommandLine;
using System.Net;
using Coco.Cli.Daemon;
using Coco.Cluster.Certificates;
using Coco.Traversal.Relays;
using Microsoft.Extensions.Logging;

namespace Coco.Cli.Commands;

/// <summary><c>coco up</c>: runs the daemon.</summary>
internal static class UpCommand
{
    private const string Background = "--background";
    private const string Listen = "--listen";
    private const string Relay = "--relay";
    private const string NoLan = "--no-lan";
    private const string Class = "--class";
    private const string NoForward = "--no-forward";
    private const string NoClock = "--no-clock";
    private const string MapPorts = "--map-ports";
    private const string Protect = "--passphrase";
    private const string Verbose = "--verbose";
    private const string Backbone = "backbone";
    private const string Stationary = "stationary";
    private const string Portable = "portable";

    public static Command Make(Shell shell) => new Command("up", "Run the daemon, which holds your nodes: until it is stopped, or in the background")
    {
        new Option<bool>(Background, "-b") { Description = "Return when it is up, and let it run" },
        new Option<string[]>(Listen) { Description = "Where to listen for other nodes, several times; port 0 is any that is free", HelpName = "ADDRESS:PORT" },
        new Option<string[]>(Relay) { Description = "A relay to stay connected to, several times", HelpName = "NODEID@ADDRESS" },
        new Option<bool>(NoLan) { Description = "Do not look for members on the LAN by multicast" },
        ClassOption(),
        new Option<bool>(NoForward) { Description = "Do not pass on what other members send each other" },
        new Option<bool>(NoClock) { Description = "This machine's clock does not go on while it is off: ask other members for the time" },
        new Option<bool>(MapPorts) { Description = "Ask the router to open our ports" },
        new Option<bool>(Protect) { Description = "Protect a new key by a passphrase, instead of by permissions alone; COCO_PASSPHRASE does too" },
        new Option<bool>(Verbose) { Description = "Log each decision" },
    }
    .WithExamples(
        "coco up --background", "coco up --listen 0.0.0.0:4400 --relay NODEID@192.0.2.1:443", "systemctl --user enable --now coco      with packaging/coco.service")
    .Runs(shell, RunAsync);

    private static async Task RunAsync(Invocation invocation)
    {
        var options = ReadOptions(invocation);
        if (invocation.Get<bool>(Background))
        {
            await BackgroundDaemon.StartAsync(invocation.Shell, ArgumentsOf(invocation), invocation.Get<bool>(Protect), invocation.Stopping);
            return;
        }
        using var signals = new Signals();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(signals.Stopping, invocation.Stopping);
        DaemonRun run;
        try
        {
            run = await DaemonRun.StartAsync(
                invocation.Shell, options, invocation.Get<bool>(Protect), invocation.Get<bool>(Verbose) ? LogLevel.Debug : LogLevel.Information, either.Token);
        }
        catch (OperationCanceledException)
        {
            return; // stopped before it was up
        }
        await using var running = run;
        Tell(invocation, run.Core);
        using var down = CancellationTokenSource.CreateLinkedTokenSource(either.Token, run.Core.Down.Token);
        await Task.Delay(Timeout.Infinite, down.Token).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private static void Tell(Invocation invocation, DaemonCore core)
    {
        var failed = core.Nodes.All.Where(static node => node.Failure is not null).ToArray();
        invocation.Output.WriteLine(
            $"coco is up: {core.Nodes.All.Count - failed.Length} {(core.Nodes.All.Count - failed.Length == 1 ? "network" : "networks")}, listening on {string.Join(", ", core.Nodes.Addresses)}");
        foreach (var node in failed) { invocation.Shell.Error.WriteLine($"coco: the node of network {node.NetworkName} does not start: {node.Failure}"); }
        invocation.Output.Flush();
    }

    private static DaemonOptions ReadOptions(Invocation invocation)
    {
        var listen = new List<IPEndPoint>();
        foreach (var text in invocation.Get<string[]>(Listen) ?? [])
        {
            if (!IPEndPoint.TryParse(text, out var address) || !text.Contains(':', StringComparison.Ordinal))
            {
                throw new CommandException(ExitCode.Usage, $"'{text}' is no address to listen on. Write 192.0.2.1:4400 or [2001:db8::1]:4400; 0.0.0.0 and [::] are all addresses.");
            }
            listen.Add(address);
        }
        var relays = new List<RelayInfo>();
        foreach (var text in invocation.Get<string[]>(Relay) ?? [])
        {
            if (!RelayArgument.TryParse(text, out var relay))
            {
                throw new CommandException(ExitCode.Usage, $"'{text}' is no relay. Write it as `coco relay` prints it: NODEID@192.0.2.1:443.");
            }
            relays.Add(relay);
        }
        return new()
        {
            Listen = listen, Relays = relays, DiscoversOnLan = !invocation.Get<bool>(NoLan), Class = ReadClass(invocation.Get<string>(Class)!), Forwards = !invocation.Get<bool>(NoForward),
            TrustsClock = !invocation.Get<bool>(NoClock), MapsPorts = invocation.Get<bool>(MapPorts), Time = invocation.Shell.Time,
        };
    }

    private static Option<string> ClassOption()
    {
        var option = new Option<string>(Class)
        {
            Description = "What networks may ask of this machine: backbone (always on and well connected), stationary, or portable (on a battery or on the move: fewest links, passes nothing on)",
            HelpName = "CLASS", DefaultValueFactory = static _ => Stationary,
        };
        option.CompletionSources.Add(Backbone, Stationary, Portable);
        return option;
    }

    private static NodeClass ReadClass(string text) => text switch
    {
        Backbone => NodeClass.Backbone,
        Stationary => NodeClass.Stationary,
        Portable => NodeClass.Portable,
        _ => throw new CommandException(ExitCode.Usage, $"'{text}' is no class of machines. Write {Backbone}, {Stationary} or {Portable}."),
    };

    private static string[] ArgumentsOf(Invocation invocation) =>
    [
        "up",
        .. (invocation.Get<string[]>(Listen) ?? []).SelectMany(static one => (string[])["--listen", one]),
        .. (invocation.Get<string[]>(Relay) ?? []).SelectMany(static one => (string[])["--relay", one]),
        .. (string[])(invocation.Get<bool>(NoLan) ? ["--no-lan"] : []),
        Class, invocation.Get<string>(Class)!,
        .. (string[])(invocation.Get<bool>(NoForward) ? ["--no-forward"] : []),
        .. (string[])(invocation.Get<bool>(NoClock) ? ["--no-clock"] : []),
        .. (string[])(invocation.Get<bool>(MapPorts) ? ["--map-ports"] : []),
        .. (string[])(invocation.Get<bool>(Protect) ? ["--passphrase"] : []),
        .. (string[])(invocation.Get<bool>(Verbose) ? ["--verbose"] : []),
    ];
}
