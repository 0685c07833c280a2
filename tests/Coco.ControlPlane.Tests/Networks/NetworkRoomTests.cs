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
