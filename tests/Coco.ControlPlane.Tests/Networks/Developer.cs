using System.Net;
using Coco.Cluster;
using Coco.Cluster.Certificates;
using Coco.Cluster.Invitations;
using Coco.ControlPlane.Client;
using Coco.Crypto;

namespace Coco.ControlPlane.Tests.Networks;

/// <summary>A developer with an app, a token of the app's own, and clients that use it.</summary>
internal sealed class Developer : IDisposable
{
    public static readonly string[] Scopes = ["networks:read", "networks:write", "nodes:read", "nodes:write", "webhooks", "installs:read"];

    private readonly TestPlane _plane;
    private readonly List<IDisposable> _owned = [];

    private Developer(TestPlane plane, string account, string app, string token) => (_plane, Account, App, Token) = (plane, account, app, token);

    public string Account { get; }

    public string App { get; }

    public string Token { get; }

    public IdentityKey Key { get; } = IdentityKey.Generate();

    public static async Task<Developer> CreateAsync(TestPlane plane)
    {
        var (account, _) = await plane.CreateAccountAsync();
        var (app, token) = await plane.CreateAppAsync(account, "service", Scopes);
        return new(plane, account, app, token);
    }

    /// <summary>A client.</summary>
    /// <param name="token">Its token; the app's own when null, none when empty.</param>
    /// <param name="address">Where it finds the control plane.</param>
    public ControlPlaneClient Client(string? token = null, Uri? address = null)
    {
        var http = _plane.Connect(address);
        _owned.Add(http);
        return new(http, _ => ValueTask.FromResult(token is "" ? null : token ?? Token), _plane.Time);
    }

    public async Task<NetworkAuthority> FoundAsync(AuthorityOptions? options = null, IdentityKey? key = null)
    {
        var authority = await NetworkAuthority.CreateAsync(Client(), key ?? Key, new() { Name = "fleet" }, options);
        _owned.Add(authority);
        return authority;
    }

    public async Task<NetworkAuthority> OpenAsync(NetworkId network, IdentityKey key, AuthorityOptions? options = null, ControlPlaneClient? client = null)
    {
        var authority = await NetworkAuthority.OpenAsync(client ?? Client(), network, key, options);
        _owned.Add(authority);
        return authority;
    }

    /// <summary>What a node would export, without the node.</summary>
    public static string Information(NetworkId network, string name, IdentityKey? node = null, IdentityKey? user = null, string app = "org.example.fleet")
    {
        using var made = node is null ? IdentityKey.Generate() : null;
        using var owner = user is null ? IdentityKey.Generate() : null;
        var key = node ?? made!;
        var wish = new JoinWish(new((user ?? owner!).Id), NodeCertificate.Consent(user ?? owner!, network, key.Id), name, new AppId(app), IsDevice: false, IsGateway: false);
        return NodeInformation.Export(key, network, wish, null);
    }

    /// <summary>The information of a node that runs, with where it is.</summary>
    public static async Task<string> ContactAsync(CocoHost host, Node node, CancellationToken patience)
    {
        // Its host says where it is a moment after the node is there.
        while (host.Endpoint.RecordOf(node.Id) is null) { await Task.Delay(5, patience); }
        return await node.Loop.AskAsync(
            (member, _) =>
            {
                var wish = new JoinWish(member.Keys.UserId, NodeCertificate.Consent(member.Keys.User, member.Network, member.Self), node.Name, new AppId("org.example.fleet"), IsDevice: false, IsGateway: false);
                return NodeInformation.Export(member.Keys.Node, member.Network, wish, host.Endpoint.RecordOf(member.Self));
            },
            patience);
    }

    public static NodeOptions NodeOptions(string name) => new()
    {
        Name = name,
        App = new AppId("org.example.fleet"),
        ListenAddresses = [new(IPAddress.Loopback, 0)],
        DiscoverOnLan = false,
    };

    public void Dispose()
    {
        foreach (var owned in _owned) { owned.Dispose(); }
        Key.Dispose();
    }
}
