using Coco.Cluster;
using Coco.Cluster.Membership;
using Coco.ControlPlane.Client;
using Coco.ControlPlane.Settings;
using Coco.Crypto;

namespace Coco.ControlPlane.Tests.Networks;

/// <summary>How many networks a person has, on either engine.</summary>
public abstract class NetworkRoomTests(PostgreSqlServer? server) : PlaneTests(server)
{
    private readonly List<IDisposable> _owned = [];

    public override async ValueTask DisposeAsync()
    {
        foreach (var owned in _owned) { owned.Dispose(); }
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected override ControlPlaneSettings Settings(ControlPlaneSettings settings)
    {
        settings.Relaying.Plans["free"] = new() { Networks = 2, Nodes = 3 };
        return settings;
    }

    [Fact]
    public async Task Those_of_all_apps_of_a_person_and_the_person_s_own_are_counted_together()
    {
        var (account, token) = await Plane.CreateAccountAsync();
        var (one, other, third) = (await AppAsync(account), await AppAsync(account), await AppAsync(account));

        Assert.Null(await FoundAsync(one));
        Assert.Null(await FoundAsync(other));
        Assert.Equal(ControlPlaneError.PlanExceeded, await FoundAsync(third));
        Assert.Equal(ControlPlaneError.PlanExceeded, await FoundAsync(token));

        var (_, stranger) = await Plane.CreateAccountAsync();
        Assert.Null(await FoundAsync(stranger));
    }

    [Fact]
    public async Task Whoever_takes_a_network_over_needs_room_for_it()
    {
        using var developer = await Developer.CreateAsync(Plane);
        var fleet = await developer.FoundAsync();
        var (account, token) = await Plane.CreateAccountAsync();
        var app = await AppAsync(account);
        await FoundAsync(app);
        await FoundAsync(token);

        var refused = await Assert.ThrowsAsync<ControlPlaneException>(() => Client(app).LinkUserAsync(fleet.Network, developer.Key));
        await developer.Client().LinkUserAsync(fleet.Network, developer.Key); // who has it has room for it
        var (next, _) = await Plane.CreateAccountAsync();
        await Client(await AppAsync(next)).LinkUserAsync(fleet.Network, developer.Key);

        Assert.Equal(ControlPlaneError.PlanExceeded, refused.Code);
    }

    [Fact]
    public async Task What_is_handed_to_somebody_is_that_person_s_at_once_where_there_is_room_and_else_when_there_is()
    {
        var (home, _) = await AuthorityAsync((await Plane.CreateAccountAsync()).Token);
        var (full, roomy) = ((await Plane.CreateAccountAsync()).Token, (await Plane.CreateAccountAsync()).Token);
        var (second, _) = await AuthorityAsync(full);
        var (client, heir, key) = await AdminAsync(home, full);
        Assert.Null(await FoundAsync(full));

        await home.TransferOwnershipAsync(heir.User, await heir.AgreeToOwnAsync());
        var unseen = await RefusedAsync(() => client.GetNetworkAsync(home.Network));
        var refused = await RefusedAsync(() => client.LinkUserAsync(home.Network, key));
        Assert.Equal((ControlPlaneError.NotFound, ControlPlaneError.PlanExceeded), (unseen, refused));
        Assert.Null(await Plane.Database.ReadAsync(
            session => session.FirstAsync($"SELECT owner_account FROM networks WHERE id = {home.Network.ToString()}", static row => row.TextOrNull("owner_account")), default));
        await client.DeleteNetworkAsync(second.Network);
        Assert.Equal("owner", (await client.LinkUserAsync(home.Network, key)).Role);
        Assert.Equal(ControlPlaneError.PlanExceeded, await FoundAsync(full)); // it counts from then on

        await heir.SynchroniseAsync();
        var (next, last, _) = await AdminAsync(heir, roomy);
        await heir.TransferOwnershipAsync(last.User, await last.AgreeToOwnAsync());
        Assert.Equal("owner", (await next.GetNetworkAsync(home.Network)).Role);
        Assert.Equal((null, ControlPlaneError.PlanExceeded), (await FoundAsync(roomy), await FoundAsync(roomy)));
        Assert.Null(await FoundAsync(full)); // who handed it on has room again
    }

    private static async Task<ControlPlaneError> RefusedAsync(Func<Task> act) => (await Assert.ThrowsAsync<ControlPlaneException>(act)).Code;

    private async Task<(NetworkAuthority Authority, IdentityKey Key)> AuthorityAsync(string token)
    {
        var key = IdentityKey.Generate();
        _owned.Add(key);
        var authority = await NetworkAuthority.CreateAsync(Client(token), key, new() { Name = "net" });
        _owned.Add(authority);
        return (authority, key);
    }

    // An admin of the network with an account.
    private async Task<(ControlPlaneClient Client, NetworkAuthority Authority, IdentityKey Key)> AdminAsync(NetworkAuthority of, string token)
    {
        var (client, key) = (Client(token), IdentityKey.Generate());
        _owned.Add(key);
        await of.GrantAsync(new UserId(key.Id), Role.Admin);
        await client.LinkUserAsync(of.Network, key);
        var authority = await NetworkAuthority.OpenAsync(client, of.Network, key);
        _owned.Add(authority);
        return (client, authority, key);
    }

    private async Task<ControlPlaneError?> FoundAsync(string token)
    {
        var key = IdentityKey.Generate();
        _owned.Add(key);
        try
        {
            _owned.Add(await NetworkAuthority.CreateAsync(Client(token), key, new() { Name = "net" }));
            return null;
        }
        catch (ControlPlaneException exception)
        {
            return exception.Code;
        }
    }

    private async Task<string> AppAsync(string account) => (await Plane.CreateAppAsync(account, "service", Developer.Scopes)).Token;

    private ControlPlaneClient Client(string token)
    {
        var http = new HttpClient { BaseAddress = Plane.Host.Addresses[0] };
        _owned.Add(http);
        return new(http, _ => new(token), Plane.Time);
    }
}
