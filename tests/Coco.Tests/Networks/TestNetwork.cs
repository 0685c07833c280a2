using System.Net;
using System.Text;
using Coco.Cluster;
using Coco.Cluster.Membership;
using Coco.Transport;

namespace Coco.Tests.Networks;

/// <summary>A network of nodes of this process, on loopback, each with sockets of its own.</summary>
internal sealed class TestNetwork(TimeSpan? patience = null) : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _owned = [];
    private readonly CancellationTokenSource _patience = new(patience ?? TimeSpan.FromSeconds(30));

    public static NodeOptions Options(string name) => new()
    {
        Name = name,
        App = new AppId("org.example.chat"),
        ListenAddresses = [new(IPAddress.Loopback, 0)],
        DiscoverOnLan = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        JoinTimeout = TimeSpan.FromSeconds(10),
    };

    public CancellationToken Patience => _patience.Token;

    public T Own<T>(T owned)
        where T : IAsyncDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    public async Task<Node> CreateAsync(string name = "ada", Func<NodeOptions, NodeOptions>? change = null, NetworkProfile profile = NetworkProfile.Private) =>
        Own(await Node.CreateNetworkAsync(new() { Name = "home", Profile = profile }, (change ?? (static options => options))(Options(name)), Patience));

    public async Task<Node> JoinAsync(Node sponsor, string name, Role role = Role.Guest, Func<NodeOptions, NodeOptions>? change = null)
    {
        var ticket = await sponsor.InviteAsync(new() { Role = role }, Patience);
        return Own(await Node.JoinAsync(ticket.ToText(), (change ?? (static options => options))(Options(name)), Patience));
    }

    /// <summary>A network of so many nodes, each of which sees all others within reach.</summary>
    public async Task<Node[]> OfAsync(int count)
    {
        var nodes = new List<Node> { await CreateAsync("node0") };
        for (var i = 1; i < count; i++) { nodes.Add(await JoinAsync(nodes[0], $"node{i}")); }
        await AllSeeAsync([.. nodes]);
        return [.. nodes];
    }

    public Task AllSeeAsync(params Node[] nodes) =>
        Task.WhenAll(nodes.Select(node => node.WaitForAsync(one => one.Peers.Count(peer => peer.IsReachable) == nodes.Length - 1, Patience)));

    /// <summary>Sends a text one way and another back.</summary>
    public async Task ExchangeAsync(Node from, Node to, string? name = null)
    {
        await using var call = name is null ? await from.ConnectAsync(to.Id, Patience) : await from.ConnectAsync(name, Patience);
        await using var outgoing = await call.OpenStreamAsync(cancellationToken: Patience);
        await SayAsync(outgoing, "how do you do?");
        await using var answer = await to.AcceptAsync(Patience);
        Assert.Equal(from.Id, answer.PeerId);
        await using var incoming = await answer.AcceptStreamAsync(Patience);
        Assert.Equal("how do you do?", await HearAsync(incoming));
        await SayAsync(incoming, "how do you do!");
        Assert.Equal("how do you do!", await HearAsync(outgoing));
    }

    public async Task SayAsync(ConnectionStream stream, string text)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text), Patience);
        await stream.CompleteWritesAsync(Patience);
    }

    public async Task<string> HearAsync(ConnectionStream stream)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        return await reader.ReadToEndAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        for (var i = _owned.Count - 1; i >= 0; i--) { await _owned[i].DisposeAsync(); }
        _patience.Dispose();
    }
}
