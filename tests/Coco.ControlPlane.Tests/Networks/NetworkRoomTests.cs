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

        await developer.Client().LinkUserAsync(fleet.Network, developer.Key); // who has it has room for it
        await Client(await AppAsync(developer.Account)).LinkUserAsync(fleet.Network, developer.Key); // by whichever of the apps
        await Plane.Database.WriteAsync(static session => session.ExecuteAsync($"UPDATE networks SET owner_app = {(string?)null} WHERE owner_account IS NULL AND name = {"fleet"}"), default); // as after a transfer
        var refused = await RefusedAsync(() => Client(app).LinkUserAsync(fleet.Network, developer.Key));
        var (next, _) = await Plane.CreateAccountAsync();
        await Client(await AppAsync(next)).LinkUserAsync(fleet.Network, developer.Key);

        Assert.Equal(ControlPlaneError.PlanExceeded, refused);
    }

    [Fact]
    public async Task One_account_has_a_network_whoever_else_shows_the_owners_key()
    {
        var (first, second) = (await Plane.CreateAccountAsync(), await Plane.CreateAccountAsync());
        var (home, key) = await AuthorityAsync(first.Token);
        using var developer = await Developer.CreateAsync(Plane);
        var fleet = await developer.FoundAsync();

        var refused = await Assert.ThrowsAsync<ControlPlaneException>(() => Client(second.Token).LinkUserAsync(home.Network, key));
        Assert.Equal(ControlPlaneError.Conflict, refused.Code);
        Assert.Contains("transferOwnership", refused.Message, StringComparison.Ordinal);
        Assert.Equal(ControlPlaneError.Conflict, await RefusedAsync(() => Client(second.Token).LinkUserAsync(fleet.Network, developer.Key))); // as a person
        Assert.Equal(ControlPlaneError.Conflict, await RefusedAsync(async () => await Client(await AppAsync(second.Id)).LinkUserAsync(fleet.Network, developer.Key))); // or by an app
        Assert.Equal(ControlPlaneError.Conflict, await RefusedAsync(() => developer.Client().LinkUserAsync(home.Network, key))); // which has no network of people

        Assert.Equal("owner", (await Client(first.Token).LinkUserAsync(home.Network, key)).Role);
        Assert.Equal("owner", (await Client(first.Token).GetNetworkAsync(home.Network)).Role);
        Assert.Equal("owner", (await developer.Client().GetNetworkAsync(fleet.Network)).Role);
        Assert.Empty((await Client(second.Token).ListNetworksAsync()).Items);
        await Client(first.Token).DeleteNetworkAsync(home.Network);
        Assert.Null(await FoundAsync(second.Token)); // nothing of it counts for who was refused
        Assert.Null(await FoundAsync(second.Token));
    }

    [Fact]
    public async Task Of_two_accounts_that_show_the_owners_key_at_once_one_has_the_network()
    {
        var (home, key) = await AuthorityAsync((await Plane.CreateAccountAsync()).Token);
        var tokens = new[] { (await Plane.CreateAccountAsync()).Token, (await Plane.CreateAccountAsync()).Token, (await Plane.CreateAccountAsync()).Token };
        await Plane.Database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync($"UPDATE networks SET owner_account = {(string?)null}"); // as after a transfer to somebody who is not here
                await session.ExecuteAsync($"DELETE FROM network_people");
            },
            default);

        var outcomes = await Task.WhenAll(tokens.Select(async token =>
        {
            try
            {
                return (await Client(token).LinkUserAsync(home.Network, key)).Role;
            }
            catch (ControlPlaneException exception)
            {
                return exception.Code.ToString();
            }
        }));

        Assert.Equal(["Conflict", "Conflict", "owner"], outcomes.Order(StringComparer.Ordinal));
        Assert.Equal(1, await Plane.Database.ReadAsync(static session => session.NumberAsync($"SELECT COUNT(*) FROM network_people"), default));
    }

    [Fact]
    public async Task Of_two_accounts_of_one_user_one_has_the_network_that_is_handed_to_the_user()
    {
        var (home, _) = await AuthorityAsync((await Plane.CreateAccountAsync()).Token);
        var (one, other) = ((await Plane.CreateAccountAsync()).Token, (await Plane.CreateAccountAsync()).Token);
        var (_, heir, key) = await AdminAsync(home, one);
        await Client(other).LinkUserAsync(home.Network, key); // as admin both may

        await home.TransferOwnershipAsync(heir.User, await heir.AgreeToOwnAsync());

        var seen = 0;
        foreach (var token in new[] { one, other }) { seen += (await Client(token).ListNetworksAsync()).Items.Count(network => network.Role == "owner"); }
        Assert.Equal(1, seen);
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
