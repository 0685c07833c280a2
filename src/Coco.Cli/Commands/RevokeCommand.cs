using System.CommandLine;
using Coco.Cli.Api;
using Coco.Cli.Client;

namespace Coco.Cli.Commands;

/// <summary><c>coco revoke</c>: takes a grant or a ticket back.</summary>
internal static class RevokeCommand
{
    public static Command Make(Shell shell)
    {
        var id = new Argument<string>("ID") { Description = "The grant, as `coco grant list` shows it, or the ticket, by the id that `coco invite --json` told" };
        var network = CommonOptions.Network(shell);
        return new Command("revoke", "Take back a grant, or a ticket that nobody has used") { id, network }
            .WithExamples("coco revoke 0123456789abcdef", "coco grant role kitchen guest      takes a role back", "coco remove kitchen                takes membership back")
            .Runs(shell, async invocation =>
            {
                var path = Route.To("/v1/grants", ("network", invocation.Get(network)), ("id", invocation.Need(id)));
                var done = await invocation.Daemon.DeleteAsync<Done>(path, invocation.Stopping);
                invocation.Print(done, _ => invocation.Output.WriteLine($"{invocation.Need(id)} is good no more."));
            });
    }
}
