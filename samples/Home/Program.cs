// A private network of two nodes in one process, without a server: one founds it, the other joins by ticket and calls it by name.
//
//   dotnet run --project samples/Home
using Coco;
using Coco.Cluster;

var app = new AppId("org.example.home");
await using var lamp = await Node.CreateNetworkAsync(new() { Name = "home" }, new() { Name = "lamp", App = app });
Console.WriteLine($"put this away, it recovers ownership: {lamp.TakeRecoveryKey()}");

var ticket = await lamp.InviteAsync();
Console.WriteLine(ticket.ToQrCode());
await using var phone = await Node.JoinAsync(ticket.ToText(), new() { Name = "phone", App = app });

var answering = AnswerAsync();
await using var connection = await phone.ConnectAsync("lamp");
await using var stream = await connection.OpenStreamAsync();
await using var writer = new StreamWriter(stream) { AutoFlush = true };
using var reader = new StreamReader(stream);
await writer.WriteLineAsync("light, please");
Console.WriteLine($"lamp says: {await reader.ReadLineAsync()}");
Console.WriteLine($"the path is {connection.ActivePath?.Type}; {phone.NetworkName} has {phone.Peers.Count} other member");
await answering;

async Task AnswerAsync()
{
    await using var call = await lamp.AcceptAsync();
    await using var request = await call.AcceptStreamAsync();
    using var lines = new StreamReader(request);
    await using var answer = new StreamWriter(request) { AutoFlush = true };
    await answer.WriteLineAsync($"you asked for \"{await lines.ReadLineAsync()}\", here it is");
}
