using System.Text;
using Coco.Cluster.Membership;
using Coco.Crypto;
using Coco.Data;
using Coco.Storage;
using Coco.Tests.Networks;

namespace Coco.Tests.Data;

/// <summary>A hub that only keeps the network together, and nodes of one user, with stores, which can be stopped and started again.</summary>
internal sealed class DataScene : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coco-data-");
    private readonly IdentityKey _identity = IdentityKey.Generate();

    public IdentityKey User { get; } = IdentityKey.Generate();

    // Whole megabytes are hashed and sealed several times here: on a busy machine that takes its time.
    public TestNetwork Network { get; } = new(TimeSpan.FromMinutes(4));

    public CancellationToken Patience => Network.Patience;

    public Node Hub { get; private set; } = null!;

    public string Folder => _folder.FullName;

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public NodeOptions Stored(string name, DataOptions? options = null, NodeOptions? from = null) =>
        (from ?? TestNetwork.Options(name)) with { StorePath = PathOf(name), StoreKey = StoreKey.FromIdentity(_identity), User = User, Data = options ?? new(), ConnectTimeout = TimeSpan.FromMinutes(1), JoinTimeout = TimeSpan.FromMinutes(2) };

    public Task StartAsync(params string[] tags) => StartAsync(new(), tags);

    public async Task StartAsync(DataOptions options, params string[] tags) =>
        Hub = Network.Own(await Node.CreateNetworkAsync(new() { Name = "home", Tags = tags }, TestNetwork.Options("hub") with { Data = options }, Patience));

    public Task<Node> JoinAsync(string name, DataOptions? options = null) => Network.JoinAsync(Hub, name, Role.Guest, from => Stored(name, options, from));

    /// <summary>Two of the user's nodes.</summary>
    public async Task<(Node Phone, Node Laptop)> TwoAsync(DataOptions? options = null)
    {
        await StartAsync();
        var (phone, laptop) = (await JoinAsync("phone", options), await JoinAsync("laptop", options));
        await Network.AllSeeAsync(Hub, phone, laptop);
        return (phone, laptop);
    }

    public async Task<Node> StartAgainAsync(string name, DataOptions? options = null) => Network.Own(await Node.StartAsync(Stored(name, options), Patience));

    public Task WaitUntilGoneAsync(Node node, NodeId peer) => node.WaitForAsync(one => !one.Peers.Any(other => other.Id == peer && other.IsReachable), Patience);

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Waits until a collection has a value, or none.</summary>
    public Task UntilAsync(DataCollection collection, string key, string? value) => UntilAsync(async () => await TextAsync(collection, key) == value, $"{key} = {value}");

    public async Task UntilAsync(Func<Task<bool>> isSo, string what)
    {
        try
        {
            while (!await isSo()) { await Task.Delay(20, Patience); }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"In vain: {what}");
        }
    }

    public async Task<string?> TextAsync(DataCollection collection, string key) => await collection.GetAsync(key, Patience) is { } entry ? Encoding.UTF8.GetString(entry.Value.Span) : null;

    public static byte[] Noise(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        await Network.DisposeAsync();
        _identity.Dispose();
        User.Dispose();
        _folder.Delete(recursive: true);
    }
}
