using System.CommandLine;
using Coco.Cli.Api;
using Coco.Cli.Commands;
using Coco.Cli.Demo.Claims;

namespace Coco.Cli.Demo;

/// <summary><c>coco demo</c>: a network of three nodes on this machine, used as its owner would use it.</summary>
internal static class DemoCommand
{
    public static Command Make(Shell shell)
    {
        var keep = new Option<bool>("--keep") { Description = "Leave all running at the end, and say how to use it" };
        var stop = new Option<bool>("--stop") { Description = "End what demos that were kept or crashed have left" };
        var loopback = new Option<bool>("--loopback") { Description = "On loopback, without routers, also where there could be some" };
        var transport = new Option<bool>("--transport") { Description = "The transport alone, in one process: 17 claims about identity, data, roaming and relays" };
        var part = new Option<string?>("--part") { Hidden = true };
        return new Command("demo", "See what Coco does: three nodes behind two routers, in about a minute, with figures") { keep, stop, loopback, transport, part }
            .WithExamples("coco demo                  as root for the whole of it", "coco demo --keep", "coco demo --stop", "coco demo --transport")
            .Runs(shell, async invocation =>
            {
                if (invocation.Get(transport))
                {
                    await TransportDemo.RunAsync(invocation.Output);
                    return;
                }
                if (invocation.Get(stop))
                {
                    DemoRemains.Stop(invocation.IsJson ? TextWriter.Null : invocation.Output);
                    invocation.Print(new Done(), static _ => { });
                    return;
                }
                using var signals = new Signals();
                using var either = CancellationTokenSource.CreateLinkedTokenSource(signals.Stopping, invocation.Stopping);
                if (invocation.Get(part) is { } which) { await RunPartAsync(which, invocation.Output, either.Token); }
                else { await DemoRun.RunAsync(invocation, invocation.Get(keep), invocation.Get(loopback), either.Token); }
            });
    }

    private static Task RunPartAsync(string part, TextWriter output, CancellationToken stopping) => part == "web"
        ? DemoWebServer.RunAsync(output, stopping)
        : throw new CommandException(ExitCode.Usage, $"The demo has no part \"{part}\". Its parts are started by it, not by hand: `coco demo`.");
}
