using System.CommandLine;
using Coco.Cli.Api;

namespace Coco.Cli.Commands;

/// <summary><c>coco status</c>: what the daemon holds.</summary>
internal static class StatusCommand
{
    public static Command Make(Shell shell) => new Command("status", "Show the daemon, and the networks you are in").WithExamples("coco status", "coco status --json").Runs(shell, static async invocation =>
    {
        var status = await invocation.Daemon.GetAsync<StatusView>("/v1/status", invocation.Stopping);
        invocation.Print(status, _ => Tell(invocation, status));
    });

    private static void Tell(Invocation invocation, StatusView status)
    {
        var output = invocation.Output;
        output.WriteLine($"coco {status.Version} is up since {status.StartedAt.ToLocalTime():yyyy-MM-dd HH:mm}, process {status.ProcessId}");
        output.WriteLine($"listening on  {string.Join(", ", status.Addresses)}");
        output.WriteLine($"state in      {status.State}");
        if (status.Networks.Count == 0)
        {
            output.WriteLine("no network yet: `coco net create NAME` founds one, `coco join TICKET` joins one");
            return;
        }
        output.WriteLine();
        NetCommand.Tell(invocation, status.Networks);
        foreach (var server in status.Networks.Select(static one => one.Mqtt).OfType<MqttView>())
        {
            output.WriteLine(server.Problem is null ? $"{server.Network}: MQTT at {server.Local}, {server.Clients} connected" : $"{server.Network}: no MQTT at {server.Local}: {server.Problem}");
        }
    }
}
