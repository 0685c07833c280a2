using System.CommandLine;
using Coco.Cli.Api;
using Coco.Cli.Client;
using Spectre.Console;

namespace Coco.Cli.Commands;

/// <summary><c>coco app</c>: apps that may use the daemon, with nodes of their own.</summary>
internal static class AppCommand
{
    public static Command Make(Shell shell) => new("app", "Let apps use the daemon, each with a token and nodes of its own") { Add(shell), List(shell), Remove(shell) };

    private static Command Add(Shell shell)
    {
        var name = new Argument<string>("NAME") { Description = "The app, such as org.example.chat" };
        return new Command("add", "Let an app in, and print its token: what has it in COCO_TOKEN acts as that app") { name }
            .WithExamples("coco app add org.example.chat", "COCO_TOKEN=… coco join coco1…")
            .Runs(shell, async invocation =>
            {
                var made = await invocation.Daemon.PostAsync<AppWish, AppMade>("/v1/apps", new(invocation.Need(name)), invocation.Stopping);
                invocation.Print(made, _ =>
                {
                    invocation.Output.WriteLine(made.Token);
                    invocation.Shell.Error.WriteLine($"Give it to {made.Name} as COCO_TOKEN. It is kept nowhere, and reaches that app's nodes only.");
                });
            });
    }

    private static Command List(Shell shell) => new Command("list", "List the apps").WithExamples("coco app list").Runs(shell, static async invocation =>
    {
        var list = await invocation.Daemon.GetAsync<AppsView>("/v1/apps", invocation.Stopping);
        invocation.Print(list, _ =>
        {
            var table = Tables.Of("APP", "SINCE", "NETWORKS");
            foreach (var app in list.Apps)
            {
                table.AddRow(Markup.Escape(app.Name), $"{app.AddedAt.ToLocalTime():yyyy-MM-dd HH:mm}", Markup.Escape(string.Join(", ", app.Networks)));
            }
            invocation.Print(table);
        });
    });

    private static Command Remove(Shell shell)
    {
        var name = new Argument<string>("NAME") { Description = "The app" };
        return new Command("remove", "Take an app's token back; its nodes stay until it is added again and leaves") { name }
            .WithExamples("coco app remove org.example.chat")
            .Runs(shell, async invocation =>
            {
                var done = await invocation.Daemon.DeleteAsync<Done>(Route.To("/v1/apps", ("name", invocation.Need(name))), invocation.Stopping);
                invocation.Print(done, _ => invocation.Output.WriteLine($"The token of {invocation.Need(name)} is good no more."));
            });
    }
}
