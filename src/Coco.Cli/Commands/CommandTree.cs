using System.CommandLine;
using System.CommandLine.Help;
using Coco.Cli.Demo;

namespace Coco.Cli.Commands;

/// <summary>All commands, as they are parsed, helped with and completed.</summary>
internal static class CommandTree
{
    public const string ExitCodes = """
        Exit codes:
          0 done                          4 no network, node or service of that name
          1 tried and failed              5 not permitted, or this node was removed
          2 not understood                6 out of reach now, try again later
          3 the daemon is not running     7 a fault of coco's own, see `coco logs`
        """;

    public static Command Build(Shell shell)
    {
        // No RootCommand: it calls itself what the file is called, which is dotnet's affair.
        var root = new Command("coco", "Private networks between your devices and people, with nothing in between")
        {
            UpCommand.Make(shell),
            DownCommand.Make(shell),
            StatusCommand.Make(shell),
            NetCommand.Make(shell),
            InviteCommand.Make(shell),
            JoinCommand.Make(shell),
            PeersCommand.Make(shell),
            PingCommand.Make(shell),
            GraphCommand.Make(shell),
            SendCommand.Make(shell),
            InboxCommand.Make(shell),
            PubCommand.Make(shell),
            SubCommand.Make(shell),
            StoreCommand.Make(shell),
            BlobCommand.Make(shell),
            CopyCommand.Make(shell),
            CopyCommand.MakeReceive(shell),
            StreamCommand.Make(shell),
            TunnelCommand.Make(shell),
            ProxyCommand.Make(shell),
            MqttCommand.Make(shell),
            GrantCommand.Make(shell),
            RevokeCommand.Make(shell),
            RemoveCommand.Make(shell),
            PolicyCommands.Make(shell),
            BackupCommand.Make(shell),
            RestoreCommand.Make(shell),
            UsageCommand.Make(shell),
            LogsCommand.Make(shell),
            DoctorCommand.Make(shell),
            DemoCommand.Make(shell),
            AppCommand.Make(shell),
            CompletionCommand.Make(shell),
            CompletionCommand.MakeComplete(shell),
        };
        foreach (var command in OlderCommands.All) { root.Add(command); }
        root.Add(CommonOptions.Json());
        var help = new HelpOption { Recursive = true };
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        root.Add(help);
        root.WithExamples(
            "coco up --background                     start the daemon",
            "coco net create home                     found a network",
            "coco invite                              make a ticket for one more device",
            "coco join coco1…                         join with a ticket, on that device",
            "coco peers                               see who is there");
        return root;
    }
}
