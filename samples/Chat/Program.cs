// A room for the members of a private network. What is said goes from each to all; who comes later hears the last of it.
//
//   dotnet run --project samples/Chat host NAME              founds the network, and prints a ticket for one other
//   dotnet run --project samples/Chat join TICKET NAME       comes in
//
// A line is said to all; /to NAME TEXT tells one member alone, also later where it is off; /invite makes another ticket.
using System.Text;
using Coco;
using Coco.Cluster;
using Coco.Cluster.Policies;
using Coco.Crypto;

const string Room = "chat/room";
var app = new AppId("org.example.chat");
try
{
    switch (args)
    {
        case ["host", var name]:
            await using (var host = await Node.CreateNetworkAsync(new() { Name = "chat" }, new() { Name = name, App = app }))
            {
                // Nobody but the owner may say or hear anything unless the policy says so.
                if (Policy.TryParse($"coco policy 1\nallow publish {Room} from anyone\nallow subscribe {Room} from anyone\n", out var policy, out _)) { await host.SetPolicyAsync(policy); }
                await InviteAsync(host);
                await ChatAsync(host);
            }
            return 0;
        case ["join", var ticket, var name]:
            await using (var guest = await Node.JoinAsync(ticket, new() { Name = name, App = app })) { await ChatAsync(guest); }
            return 0;
        default:
            Console.Error.WriteLine("usage: Chat host NAME | join TICKET NAME");
            return 2;
    }
}
catch (CocoException failure)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}

async Task ChatAsync(Node node)
{
    using var leaving = new CancellationTokenSource();
    await using var room = await node.Topics.SubscribeAsync(Room, new() { HistoryCount = 20, Own = false });
    Task[] hearing = [HearAllAsync(), HearAloneAsync()];
    while (await Console.In.ReadLineAsync() is { } line)
    {
        try
        {
            await SayAsync(node, line);
        }
        catch (CocoException failure)
        {
            Console.Error.WriteLine(failure.Message);
        }
    }
    await leaving.CancelAsync();
    await Task.WhenAll(hearing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    async Task HearAllAsync()
    {
        await foreach (var said in room.ReadAllAsync(leaving.Token)) { Console.WriteLine($"{NameOf(node, said.Publisher)}: {Encoding.UTF8.GetString(said.Data.Span)}"); }
    }

    async Task HearAloneAsync()
    {
        await foreach (var told in node.Messages.ReceiveAsync(cancellationToken: leaving.Token))
        {
            Console.WriteLine($"{NameOf(node, told.From)} to you alone: {Encoding.UTF8.GetString(told.Data.Span)}");
            await told.CompleteAsync(); // what was not completed comes again
        }
    }
}

async Task SayAsync(Node node, string line)
{
    switch (line.Split(' ', 3))
    {
        case [""]:
            break;
        case ["/invite"]:
            await InviteAsync(node);
            break;
        case ["/to", var name, var text]:
            if (node.Peers.FirstOrDefault(peer => peer.Name == name) is { } one) { await node.Messages.SendAsync(one.Id, Encoding.UTF8.GetBytes(text)); }
            else { Console.Error.WriteLine($"nobody is called {name}; here are {string.Join(", ", node.Peers.Select(static peer => peer.Name))}"); }
            break;
        default:
            await node.Topics.PublishAsync(Room, Encoding.UTF8.GetBytes(line));
            break;
    }
}

static async Task InviteAsync(Node node) => Console.WriteLine($"ticket {(await node.InviteAsync()).ToText()}");

static string NameOf(Node node, NodeId id) => node.Peers.FirstOrDefault(peer => peer.Id == id)?.Name ?? $"{id}"[..8];
