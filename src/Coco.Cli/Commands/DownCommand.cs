using System.CommandLine;
using Coco.Cli.Api;

namespace Coco.Cli.Commands;

/// <summary><c>coco down</c>: ends the daemon.</summary>
internal static class DownCommand
{
    public static Command Make(Shell shell) => new Command("down", "End the daemon: your nodes say goodbye").WithExamples("coco down").Runs(shell, static async invocation =>
    {
        var done = await invocation.Daemon.PostAsync<Done, Done>("/v1/down", new(), invocation.Stopping);
        invocation.Print(done, _ => invocation.Output.WriteLine("coco is going down"));
    });
}
