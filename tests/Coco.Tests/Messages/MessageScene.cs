using System.Text;
using Coco.Crypto;
using Coco.Messages;
using Coco.Storage;
using Coco.Tests.Networks;

namespace Coco.Tests.Messages;

/// <summary>Nodes with stores that can be stopped and started again, and what they say to each other.</summary>
internal sealed class MessageScene : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coco-messages-");
    private readonly IdentityKey _identity = IdentityKey.Generate();

    public TestNetwork Network { get; } = new();

    public CancellationToken Patience => Network.Patience;

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public NodeOptions Stored(string name, NodeOptions? options = null) =>
        (options ?? TestNetwork.Options(name)) with { StorePath = PathOf(name), StoreKey = StoreKey.FromIdentity(_identity) };

    /// <summary>A member that stays, so that those who start again find each other.</summary>
    public Node Hub { get; private set; } = null!;

    /// <summary>Ada and Bob, both with stores.</summary>
    public async Task<(Node Ada, Node Bob)> TwoAsync(MessageOptions? options = null, bool mailbox = false)
    {
        Func<string, Func<NodeOptions, NodeOptions>> change = name => one => Stored(name, one) with { Messages = options ?? new() };
        Hub = Network.Own(await Node.CreateNetworkAsync(
            new() { Name = "home", Tags = mailbox ? ["mailbox"] : [] }, TestNetwork.Options("hub") with { Messages = options ?? new() }, Patience));
        var ada = await Network.JoinAsync(Hub, "ada", change: change("ada"));
        var bob = await Network.JoinAsync(Hub, "bob", change: change("bob"));
        await Network.AllSeeAsync(Hub, ada, bob);
        return (ada, bob);
    }

    public async Task<Node> StartAgainAsync(string name, MessageOptions? options = null) =>
        Network.Own(await Node.StartAsync(Stored(name) with { Messages = options ?? new() }, Patience));

    public Task WaitUntilGoneAsync(Node node, NodeId peer) => node.WaitForAsync(one => !one.Peers.Any(other => other.Id == peer && other.IsReachable), Patience);

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReceivedMessage message) => Encoding.UTF8.GetString(message.Data.Span);

    /// <summary>The next messages, completed.</summary>
    public async Task<List<ReceivedMessage>> TakeAsync(Node node, int count, string? subject = null, bool complete = true)
    {
        var messages = new List<ReceivedMessage>();
        await foreach (var message in node.Messages.ReceiveAsync(subject, Patience))
        {
            messages.Add(message);
            if (complete) { await message.CompleteAsync(); }
            if (messages.Count == count) { break; }
        }
        return messages;
    }

    /// <summary>A message that nobody completes.</summary>
    public async Task<MessageId> TakeOneLateAsync(Node from, Node to)
    {
        var sent = await from.Messages.SendAsync(to.Id, Bytes("late"), new() { Subject = "late" }, Patience);
        await sent.Delivered.WaitAsync(Patience);
        return sent.Id;
    }

    public (string Path, string Sum) MakeFile(string name, int length)
    {
        var data = new byte[length];
        new Random(length).NextBytes(data);
        File.WriteAllBytes(PathOf(name), data);
        return (PathOf(name), Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(data)));
    }

    public async ValueTask DisposeAsync()
    {
        await Network.DisposeAsync();
        _identity.Dispose();
        _folder.Delete(recursive: true);
    }
}
