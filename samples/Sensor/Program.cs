// Sensors and whoever watches them. A value is retained: who comes later has it at once. A sensor that dies is declared lost by the others.
//
//   dotnet run --project samples/Sensor station                  founds the network, prints two tickets, and shows what sensors say
//   dotnet run --project samples/Sensor measure TICKET NAME      publishes each line of its input as the value of NAME
//   dotnet run --project samples/Sensor watch TICKET             shows what sensors say, as the station does
//
// On Linux: while sleep 1; do cat /sys/class/thermal/thermal_zone0/temp; done | dotnet run --project samples/Sensor measure TICKET cellar
using System.Text;
using Coco;
using Coco.Cluster;
using Coco.Cluster.Policies;

var app = new AppId("org.example.sensor");
try
{
    switch (args)
    {
        case ["station"]:
            await StationAsync();
            return 0;
        case ["measure", var ticket, var name]:
            await MeasureAsync(ticket, name);
            return 0;
        case ["watch", var ticket]:
            await using (var node = await Node.JoinAsync(ticket, new() { Name = "watcher", App = app })) { await ShowAsync(node); }
            return 0;
        default:
            Console.Error.WriteLine("usage: Sensor station | measure TICKET NAME | watch TICKET");
            return 2;
    }
}
catch (CocoException failure)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}

async Task StationAsync()
{
    await using var node = await Node.CreateNetworkAsync(new() { Name = "sensors" }, new() { Name = "station", App = app });
    // Nobody but the owner may publish or subscribe unless the policy says so.
    if (Policy.TryParse("coco policy 1\nallow publish sensors/# from anyone\nallow subscribe sensors/# from anyone\n", out var policy, out _)) { await node.SetPolicyAsync(policy); }
    Console.WriteLine($"ticket {(await node.InviteAsync()).ToText()}");
    Console.WriteLine($"another ticket {(await node.InviteAsync()).ToText()}");
    await ShowAsync(node);
}

async Task MeasureAsync(string ticket, string name)
{
    await using var node = await Node.JoinAsync(ticket, new() { Name = name, App = app });
    await node.Topics.SetWillAsync($"sensors/{name}/state", "lost"u8.ToArray(), isRetained: true);
    await PublishAsync("state", "on");
    while (await Console.In.ReadLineAsync() is { } value) { await PublishAsync("value", value); }
    await PublishAsync("state", "off"); // who says goodbye leaves no will

    // Acknowledged: returns when those who subscribe have it.
    async Task PublishAsync(string what, string value) =>
        await node.Topics.PublishAsync($"sensors/{name}/{what}", Encoding.UTF8.GetBytes(value), new() { Retain = true, Acknowledge = true });
}

static async Task ShowAsync(Node node)
{
    using var enough = new CancellationTokenSource();
    await using var subscription = await node.Topics.SubscribeAsync("sensors/+/+");
    var showing = ShowAllAsync();
    Console.ReadLine();
    await enough.CancelAsync();
    await showing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    async Task ShowAllAsync()
    {
        await foreach (var message in subscription.ReadAllAsync(enough.Token))
        {
            if (message.Topic.Split('/') is not [_, var sensor, var what]) { continue; }
            var since = message.IsRetained ? $", since {message.Time.ToLocalTime():HH:mm:ss}" : "";
            Console.WriteLine($"{sensor} {what} {Encoding.UTF8.GetString(message.Data.Span)}{since}");
        }
    }
}
