using System.Net;
using System.Net.Sockets;
using System.Text;
using Coco.Cluster.Policies;
using Coco.Storage;
using Coco.Tests.Networks;
using Coco.Tunnels;

namespace Coco.Tests.Tunnels;

/// <summary>Ada, who owns the network and offers services, and Bob, whom the policy lets use all of them unless another is given.</summary>
internal sealed class TunnelScene : IAsyncDisposable
{
    public const string AllowAll = "allow service * from anyone\n";

    private TunnelScene(TestNetwork network, Node ada, Node bob) => (Network, Ada, Bob) = (network, ada, bob);

    public TestNetwork Network { get; }

    public Node Ada { get; }

    public Node Bob { get; }

    public CancellationToken Patience => Network.Patience;

    public static async Task<TunnelScene> StartAsync(string policy = AllowAll, TunnelOptions? options = null)
    {
        var network = new TestNetwork();
        Func<NodeOptions, NodeOptions> change = one => one with { Tunnels = options ?? new() };
        var ada = await network.CreateAsync("ada", change);
        var bob = await network.JoinAsync(ada, "bob", change: change);
        await network.AllSeeAsync(ada, bob);
        var scene = new TunnelScene(network, ada, bob);
        await scene.SetPolicyAsync(policy);
        return scene;
    }

    public async Task SetPolicyAsync(string rules)
    {
        Assert.True(Policy.TryParse("coco policy 1\n" + rules, out var policy, out var error), error);
        await Ada.SetPolicyAsync(policy, Patience);
    }

    public async Task<Socket> ConnectAsync(Tunnel tunnel) => await ConnectAsync(tunnel.LocalEnd);

    public async Task<Socket> ConnectAsync(TunnelEnd end)
    {
        if (end.Kind is TunnelKind.Unix)
        {
            var unix = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await unix.ConnectAsync(new UnixDomainSocketEndPoint(end.Host), Patience);
            return unix;
        }
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(end.Host), end.Port), Patience);
        return socket;
    }

    public async Task<string> ReadAsync(Socket socket, int length)
    {
        var bytes = new byte[length];
        for (var at = 0; at < length;)
        {
            var count = await socket.ReceiveAsync(bytes.AsMemory(at), Patience);
            Assert.NotEqual(0, count);
            at += count;
        }
        return Encoding.UTF8.GetString(bytes);
    }

    public async Task<string> ReadToEndAsync(Socket socket)
    {
        using var all = new MemoryStream();
        var bytes = new byte[4096];
        for (int count; (count = await socket.ReceiveAsync(bytes, Patience)) > 0;) { all.Write(bytes, 0, count); }
        return Encoding.UTF8.GetString(all.ToArray());
    }

    /// <summary>Why a socket's next read fails.</summary>
    public async Task<SocketError> FailureOfAsync(Socket socket)
    {
        var bytes = new byte[4096];
        var failure = await Assert.ThrowsAsync<SocketException>(async () =>
        {
            while (await socket.ReceiveAsync(bytes, Patience) > 0) { }
        });
        return failure.SocketErrorCode;
    }

    /// <summary>Why Bob cannot use a service of Ada's.</summary>
    public Task<CocoException> FailsAsync(string service) => Assert.ThrowsAsync<CocoException>(() => Bob.Tunnels.ConnectAsync("ada", service, Patience));

    /// <summary>A node that can be started again.</summary>
    public Task<Node> JoinStoredAsync(string name, string store) => Network.JoinAsync(Ada, name, change: options => Stored(options, store));

    public async Task<Node> StartStoredAsync(string store) => Network.Own(await Node.StartAsync(Stored(TestNetwork.Options("any"), store), Patience));

    private static NodeOptions Stored(NodeOptions options, string store) => options with { StorePath = store, StoreKey = StoreKey.FromPassphrase("passphrase") };

    public ValueTask DisposeAsync() => Network.DisposeAsync();
}
