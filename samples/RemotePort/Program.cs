// Ports of one machine on another, a remote desktop's for example, without an account, a server or a forwarded port.
//
//   dotnet run --project samples/RemotePort share desktop=tcp:3389             prints a ticket for the other machine
//   dotnet run --project samples/RemotePort use TICKET desktop=tcp:13389       opens it there, at a port of its own
//
// Both run until Enter is pressed. Others than TCP: sound=udp:5004, database=unix:/run/postgresql/.s.PGSQL.5432, or camera=rtsp:554, which is opened as
// camera=tcp:8554 and played with ffplay rtsp://127.0.0.1:8554/...
using Coco;
using Coco.Cluster;
using Coco.Cluster.Policies;
using Coco.Tunnels;

const string Sharer = "sharer";
var app = new AppId("org.example.remoteport");
try
{
    switch (args)
    {
        case ["share", .. { Length: > 0 } services]:
            await ShareAsync(services.Select(Parse));
            return 0;
        case ["use", var ticket, .. { Length: > 0 } services]:
            await UseAsync(ticket, services.Select(Parse));
            return 0;
        default:
            Console.Error.WriteLine("usage: RemotePort share NAME=tcp:PORT... | use TICKET NAME=tcp:PORT...");
            return 2;
    }
}
catch (CocoException failure)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}

async Task ShareAsync(IEnumerable<(string Name, TunnelEnd End)> services)
{
    await using var node = await Node.CreateNetworkAsync(new() { Name = "ports" }, new() { Name = Sharer, App = app });
    // Nobody but the owner may use a service unless the policy says so. Whoever has the ticket may use all of these.
    if (Policy.TryParse("coco policy 1\nallow service * from anyone\n", out var policy, out _)) { await node.SetPolicyAsync(policy); }
    foreach (var (name, end) in services) { await node.Tunnels.PublishAsync(name, end); }
    Console.WriteLine($"ticket {(await node.InviteAsync()).ToText()}");
    Console.ReadLine();
}

async Task UseAsync(string ticket, IEnumerable<(string Name, TunnelEnd End)> services)
{
    await using var node = await Node.JoinAsync(ticket, new() { Name = "guest", App = app });
    var access = OperatingSystem.IsLinux() ? LocalAccess.SameUser : LocalAccess.Anyone;
    foreach (var (name, end) in services)
    {
        var tunnel = await node.Tunnels.OpenAsync(Sharer, name, end, access); // closed with the node
        Console.WriteLine($"{name} {tunnel.LocalEnd}");
    }
    Console.ReadLine();
}

static (string Name, TunnelEnd End) Parse(string text) => text.Split('=', 2) is [var name, var rest] && TunnelEnd.TryParse(rest, out var end)
    ? (name, end)
    : throw new CocoException(CocoError.InvalidText, $"{text} is no service: name it as desktop=tcp:3389.");
