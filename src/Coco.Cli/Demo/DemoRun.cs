using System.Diagnostics;
using System.Globalization;
using Coco.Cli.Api;
using Coco.Cli.Commands;
using Coco.Cli.Control;

namespace Coco.Cli.Demo;

/// <summary>The demo from its beginning to its end, after which nothing of it is left, however it ends.</summary>
internal static class DemoRun
{
    public static async Task RunAsync(Invocation invocation, bool keeps, bool onLoopback, CancellationToken stopping)
    {
        if (OperatingSystem.IsWindows()) { throw new CommandException(ExitCode.Failed, "The demo needs Unix sockets with credentials, which Windows lacks. `coco demo --transport` runs here."); }
        var begin = Stopwatch.GetTimestamp();
        var folder = DemoFolder.Create();
        var isKept = false;
        DemoStage? stage = null;
        try
        {
            var why = onLoopback ? "asked for by --loopback" : NamespaceGround.Reason();
            var ground = (why is null ? NamespaceGround.TryCreate(folder.Name, out why) : null) ?? new DemoGround();
            var tale = new DemoTale(invocation.Shell, invocation.IsJson);
            stage = new(ground, folder, tale) { HasControlPlane = ground.HasRouters && ControlCommand.IsInstalled(invocation.Shell) };
            await PlayAsync(stage, why, stopping);
            var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            tale.Summarise();
            isKept = keeps;
            if (keeps) { folder.Keep(); }
            invocation.Print(new DemoView(ground.Kind, why, Math.Round(seconds, 1), tale.Figures, keeps ? folder.Path : null), _ => End(invocation, stage, seconds, keeps));
        }
        finally
        {
            if (!isKept)
            {
                foreach (var member in stage?.Members ?? []) { member.Kill(); }
                DemoRemains.Remove(folder.Name);
            }
            stage?.Dispose();
        }
    }

    private static async Task PlayAsync(DemoStage stage, string? why, CancellationToken stopping)
    {
        stage.Tale.Say($"Coco {CommandLine.Version}: a private network of three nodes, on this machine. What is printed was measured just now.");
        if (why is not null)
        {
            stage.Tale.Say($"It is on loopback, without routers in between ({why}).");
            stage.Tale.Say("The whole demo goes through two NATs, with the direct one cut: run `coco demo` as root, where ip and nft are.");
        }
        await NetworkStep.RunAsync(stage, stopping);
        await PathStep.RunAsync(stage, stopping);
        await MessageStep.RunAsync(stage, stopping);
        await TopicStep.RunAsync(stage, stopping);
        await StreamStep.RunAsync(stage, stopping);
        using var web = await TunnelStep.RunAsync(stage, stopping);
        await CutStep.RunAsync(stage, web, stopping);
    }

    private static void End(Invocation invocation, DemoStage stage, double seconds, bool keeps)
    {
        var output = invocation.Output;
        output.WriteLine();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"   All of it held, in {seconds:0} s. {(keeps ? "It is left running." : "Nothing of it is left on this machine.")}"));
        output.WriteLine();
        if (keeps)
        {
            output.WriteLine("   Use the nodes as a person at each of them would:");
            foreach (var member in stage.Members) { output.WriteLine($"     {member.WriteScript()} peers"); }
            output.WriteLine($"     {stage.Folder.PathOf("alice")} send bob 'hello'        then   {stage.Folder.PathOf("bob")} inbox");
            output.WriteLine("   and end it:");
            output.WriteLine("     coco demo --stop");
            return;
        }
        output.WriteLine("   Try next, with two machines of yours:");
        output.WriteLine("     coco up --background         on both: starts the daemon");
        output.WriteLine("     coco net create home         on one, then   coco invite");
        output.WriteLine("     coco join coco1…             on the other, with the ticket that was printed");
        output.WriteLine("     coco ping NAME               how they reach each other;   coco --help   lists the rest");
        output.WriteLine("   `coco demo --keep` leaves this network running to play with.");
    }
}
