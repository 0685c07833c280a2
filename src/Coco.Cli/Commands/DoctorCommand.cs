using System.CommandLine;
using Coco.Cli.Api;
using Coco.Cli.Diagnosis;
using Spectre.Console;

namespace Coco.Cli.Commands;

/// <summary><c>coco doctor</c>: looks at what commonly goes wrong, and says what to do.</summary>
internal static class DoctorCommand
{
    public static Command Make(Shell shell) => new Command("doctor", "Look for what is wrong, and say what to do; ends with 1 where something is")
        .WithExamples("coco doctor", "coco doctor --json")
        .Runs(shell, static async invocation =>
        {
            var findings = await invocation.WaitAsync("Looking", Doctor.LookAsync(invocation.Shell, invocation.Daemon, invocation.Stopping));
            var report = new DoctorReport(findings.All(static one => one.Well), findings);
            invocation.Print(report, _ =>
            {
                foreach (var one in findings)
                {
                    invocation.Shell.Screen.MarkupLine($"{(one.Well ? "[green]well[/]" : "[red]ill [/]")}  {Markup.Escape(one.Finding)}");
                    if (one.Advice is { } advice) { invocation.Shell.Screen.MarkupLine($"      {Markup.Escape(advice)}"); }
                }
            });
            if (!report.Well) { throw new CommandException(ExitCode.Failed, $"{findings.Count(static one => !one.Well)} of {findings.Count} checks found something. What to do stands beside each."); }
        });
}
