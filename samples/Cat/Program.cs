// Standard input of one machine to standard output of another, through whatever NATs stand between. Needs a relay to make the
// acquaintance (`coco relay` prints its NODEID and address); the bytes go directly as soon as they can.
//
//   dotnet run --project samples/Cat RELAYID ADDRESS:PORT            listens, and prints its NodeId
//   dotnet run --project samples/Cat RELAYID ADDRESS:PORT NODEID     calls, and sends what it reads
using Coco.Crypto;
using Coco.Transport;
using Coco.Traversal;
using Coco.Traversal.Relays;

if (args.Length is < 2 or > 3 || !NodeId.TryParse(args[0], out var relayId) || !NetworkAddress.TryParse(args[1], out var address))
{
    Console.Error.WriteLine("usage: Cat RELAYID ADDRESS:PORT [NODEID]");
    return 2;
}

using var key = IdentityKey.Generate();
RelayInfo[] relays = [new(relayId, [address])];
await using var endpoint = await Endpoint.StartAsync(new() { Identities = [key], Relays = relays });

if (args.Length == 3)
{
    if (!NodeId.TryParse(args[2], out var peer))
    {
        Console.Error.WriteLine($"{args[2]} is no NodeId");
        return 2;
    }
    await using var call = await endpoint.ConnectAsync(peer, new() { Relays = relays });
    await using var output = await call.OpenStreamAsync(bidirectional: false);
    await using var input = Console.OpenStandardInput();
    await input.CopyToAsync(output);
    await output.CompleteWritesAsync();
    Console.Error.WriteLine($"sent; the path at the end was {call.ActivePath?.Type}: {call.Verdict?.Sentence}");
    return 0;
}

Console.Error.WriteLine($"call me: dotnet run --project samples/Cat {args[0]} {args[1]} {endpoint.Id}");
await using var connection = await endpoint.AcceptAsync();
await using var received = await connection.AcceptStreamAsync();
await using var standardOutput = Console.OpenStandardOutput();
await received.CopyToAsync(standardOutput);
return 0;
