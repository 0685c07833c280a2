// Files from one machine to a folder of another: encrypted, checked, and going on where they stopped when a connection was lost.
//
//   dotnet run --project samples/FileDrop receive FOLDER            prints a ticket, and takes what its holder sends
//   dotnet run --project samples/FileDrop send TICKET FILE...       sends
using Coco;
using Coco.Cluster;
using Coco.Messages;

const string Receiver = "receiver";
var app = new AppId("org.example.filedrop");
try
{
    switch (args)
    {
        case ["receive", var folder]:
            await ReceiveAsync(folder);
            return 0;
        case ["send", var ticket, .. { Length: > 0 } files]:
            await SendAsync(ticket, files);
            return 0;
        default:
            Console.Error.WriteLine("usage: FileDrop receive FOLDER | send TICKET FILE...");
            return 2;
    }
}
catch (Exception failure) when (failure is CocoException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}

async Task ReceiveAsync(string folder)
{
    Directory.CreateDirectory(folder);
    await using var node = await Node.CreateNetworkAsync(new() { Name = "drop" }, new() { Name = Receiver, App = app });
    using var enough = new CancellationTokenSource();
    var taking = TakeAsync();
    Console.WriteLine($"ticket {(await node.InviteAsync()).ToText()}");
    Console.ReadLine();
    await enough.CancelAsync();
    await taking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    async Task TakeAsync()
    {
        // Whole and checked; a name that is taken already gets a number.
        await foreach (var file in node.Messages.ReceiveFilesAsync(folder, new() { MaxLength = 10L << 30 }, enough.Token))
        {
            Console.WriteLine($"{file.Path}, {file.Length:N0} bytes, SHA-256 {Convert.ToHexStringLower(file.Sha256.Span)}");
        }
    }
}

async Task SendAsync(string ticket, string[] files)
{
    await using var node = await Node.JoinAsync(ticket, new() { Name = "sender", App = app });
    await node.WaitForAsync(static node => node.Peers.Any(static peer => peer.Name == Receiver));
    var receiver = node.Peers.First(static peer => peer.Name == Receiver).Id;
    foreach (var file in files)
    {
        await using var transfer = await node.Messages.SendFileAsync(receiver, file, new() { Progress = new Progress<FileProgress>(Show) });
        await transfer.Completed;
        Console.WriteLine($"{transfer.Name} is there, {transfer.Length:N0} bytes");
    }
}

// In place, where somebody looks.
static void Show(FileProgress file)
{
    if (!Console.IsErrorRedirected) { Console.Error.Write($"\r{file.Name} {(file.Length == 0 ? 1 : (double)file.Done / file.Length):P0} "); }
}
