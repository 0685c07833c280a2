using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Coco.Cluster;
using Coco.Crypto;
using Coco.Storage;
using Coco.Traversal;
using Coco.Traversal.Relays;

namespace Coco.Tests.Messages;

/// <summary>
/// This program as a process with one node, which sends numbered messages to others and notes what it handles, and is killed at any moment. Its folder has
/// the node's store, a line in <c>sent-NODE</c> for each message that is queued, and in <c>handled</c> one before and one after each completion.
/// </summary>
internal static class MessageChild
{
    public const string Argument = "--message-node";

    /// <summary>The app that it is of.</summary>
    public const string App = "org.example.chat";

    private const int Parallel = 16;
    private static readonly TimeSpan HandlingTime = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30); // ends by itself should nobody be left to kill it

    /// <summary>Starts one.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="ticket">For the network.</param>
    /// <param name="count">How many messages it sends to each other one.</param>
    /// <param name="pause">After so many of them as it sends at once, so that what disturbs finds something under way.</param>
    /// <param name="relay">NODE@ADDRESS,…: a relay, where it listens on all addresses; none, where on loopback.</param>
    /// <param name="space">The network namespace it runs in, by its path; null for this process's.</param>
    public static Process Start(string folder, string ticket, int count, TimeSpan pause, string relay = "", string? space = null)
    {
        var program = typeof(MessageChild).Assembly.Location;
        var self = Environment.ProcessPath!;
        var isHost = Path.GetFileNameWithoutExtension(self) == "dotnet";
        string[] arguments = [Argument, folder, ticket, $"{count}", $"{(int)pause.TotalMilliseconds}", relay];
        string[] command = isHost ? [self, program, .. arguments] : [self, .. arguments];
        if (space is not null) { command = ["nsenter", $"--net={space}", "--", .. command]; } // becomes the program, and does not stay around it
        return Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false })!;
    }

    public static async Task<int> RunAsync(string[] args)
    {
        var (folder, ticket, count) = (args[1], args[2], int.Parse(args[3], CultureInfo.InvariantCulture));
        var pause = TimeSpan.FromMilliseconds(int.Parse(args[4], CultureInfo.InvariantCulture));
        using var over = new CancellationTokenSource(Lifetime);
        using var identity = IdentityKey.FromSeed(SHA256.HashData(Encoding.UTF8.GetBytes("child")));
        var store = Path.Combine(folder, "store");
        var options = Options(Path.GetFileName(folder), args[5]) with { StorePath = store, StoreKey = StoreKey.FromIdentity(identity) };
        await using var node = File.Exists(Path.Combine(folder, "joined")) ? await Node.StartAsync(options, over.Token) : await Node.JoinAsync(ticket, options, over.Token);
        await node.WaitForAsync(static one => one.Peers.Any(static peer => peer.IsReachable), over.Token); // a member that was killed before it knew any would find none again
        await File.WriteAllTextAsync(Path.Combine(folder, "joined"), "", over.Token);
        await Console.Out.WriteLineAsync($"{node.Id}"); // flushed
        // The parent says whom to send to, once it knows.
        var targets = (await Console.In.ReadLineAsync(over.Token))!.Split(' ').Select(text => NodeId.TryParse(text, out var id) ? id : throw new InvalidDataException(text)).ToArray();
        _ = Task.Run(ExitWithParent, over.Token);
        await Task.WhenAll([HandleAsync(node, folder, over.Token), .. targets.Select(target => SendAsync(node, target, folder, count, pause, over.Token))]);
        return 0;
    }

    private static NodeOptions Options(string name, string relay) => new()
    {
        Name = name, App = new AppId(App), ListenAddresses = [new(relay.Length == 0 ? IPAddress.Loopback : IPAddress.Any, 0)], Relays = relay.Length == 0 ? [] : [RelayOf(relay)],
        DiscoverOnLan = false, ConnectTimeout = TimeSpan.FromSeconds(10), JoinTimeout = TimeSpan.FromSeconds(30),
    };

    private static RelayInfo RelayOf(string text)
    {
        var parts = text.Split('@');
        var id = NodeId.TryParse(parts[0], out var known) ? known : throw new InvalidDataException(text);
        return new(id, [.. parts[1].Split(',').Select(one => NetworkAddress.TryParse(one, out var address) ? address : throw new InvalidDataException(text))], null);
    }

    private static async Task ExitWithParent()
    {
        while (await Console.In.ReadLineAsync() is not null) { }
        Environment.Exit(1);
    }

    // The line is written when the message is queued. Killed between, the next life sends the number again, under another id.
    private static async Task SendAsync(Node node, NodeId target, string folder, int count, TimeSpan pause, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, $"sent-{target}");
        var next = File.Exists(path) ? (await File.ReadAllLinesAsync(path, cancellationToken)).Length : 0;
        await using var sent = new StreamWriter(path, append: true) { AutoFlush = true };
        while (next < count)
        {
            var batch = Enumerable.Range(next, Math.Min(Parallel, count - next)).Select(i => node.Messages.SendAsync(target, Encoding.UTF8.GetBytes($"{i}"), null, cancellationToken)).ToArray();
            foreach (var one in batch) { await sent.WriteLineAsync($"{next++} {(await one).Id}"); }
            await Task.Delay(pause, cancellationToken);
        }
    }

    private static async Task HandleAsync(Node node, string folder, CancellationToken cancellationToken)
    {
        await using var handled = new StreamWriter(Path.Combine(folder, "handled"), append: true) { AutoFlush = true };
        await foreach (var message in node.Messages.ReceiveAsync(null, cancellationToken))
        {
            await handled.WriteLineAsync($"begin {message.From} {message.Id} {Encoding.UTF8.GetString(message.Data.Span)} {message.IsRedelivered}");
            await Task.Delay(HandlingTime, cancellationToken);
            if (message.Id.Sequence % 16 == 0)
            {
                await message.CompleteAsync();
                await handled.WriteLineAsync($"done {message.From} {message.Id}");
            }
            else { message.Complete(); }
        }
    }
}
