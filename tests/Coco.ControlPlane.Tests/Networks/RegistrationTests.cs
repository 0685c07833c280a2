using Coco.Cluster.Membership;
using Coco.ControlPlane.Client;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Tests.Networks;

/// <summary>Networks that nodes founded among themselves and bring to a control plane, on either engine.</summary>
public abstract class RegistrationTests
{
    internal abstract Task<TestPlane> StartAsync();

    [Fact]
    public async Task A_network_of_nodes_is_brought_and_kept_in_step()
    {
        await using var plane = await StartAsync();
        await using var host = await CocoHost.StartAsync(new() { ListenAddresses = [new(System.Net.IPAddress.Loopback, 0)] });
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var lamp = await Node.CreateNetworkAsync(new() { Name = "home" }, Options(host, "lamp"), patience.Token);
        var (_, token) = await plane.CreateAccountAsync();
        using var http = plane.Connect();
        var client = new ControlPlaneClient(http, _ => new(token));

        var first = await client.RegisterAsync(lamp, patience.Token);
        var second = await client.RegisterAsync(lamp, patience.Token);
        await using var phone = await Node.JoinAsync(await lamp.InviteAsync(cancellationToken: patience.Token), Options(host, "phone"), patience.Token);
        await lamp.GrantAsync(phone.User, Role.Admin, patience.Token);
        var third = await client.RegisterAsync(lamp, patience.Token);
        await lamp.RemoveAsync(phone.Id, patience.Token);
        var fourth = await client.RegisterAsync(lamp, patience.Token);

        Assert.Equal((true, 2, 1), (first.IsNew, first.Statements, first.Nodes));
        Assert.Equal((false, 0, 0), (second.IsNew, second.Statements, second.Nodes));
        Assert.Equal((false, 1, 1), (third.IsNew, third.Statements, third.Nodes));
        Assert.Equal((false, 1, 0), (fourth.IsNew, fourth.Statements, fourth.Nodes));
        var view = await client.GetNetworkAsync(lamp.Network, patience.Token);
        Assert.Equal(("user", "home", "owner"), (view.Kind, view.Name, view.Role));
        Assert.Equal(["lamp"], (await client.ListNodesAsync(lamp.Network, cancellationToken: patience.Token)).Items.Select(static node => node.Name));
        Assert.Equal([lamp.Id.ToString()], await ServedAsync(plane.Database));
    }

    [Fact]
    public async Task An_admin_brings_what_is_new_and_a_guest_does_not()
    {
        await using var plane = await StartAsync();
        await using var host = await CocoHost.StartAsync(new() { ListenAddresses = [new(System.Net.IPAddress.Loopback, 0)] });
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var lamp = await Node.CreateNetworkAsync(new() { Name = "home" }, Options(host, "lamp"), patience.Token);
        await using var phone = await Node.JoinAsync(await lamp.InviteAsync(new() { Role = Role.Admin }, patience.Token), Options(host, "phone"), patience.Token);
        await using var guest = await Node.JoinAsync(await lamp.InviteAsync(cancellationToken: patience.Token), Options(host, "guest"), patience.Token);
        var (owner, admin, visitor) = (await ClientAsync(), await ClientAsync(), await ClientAsync());

        // Nobody but the owner begins a network anywhere.
        var early = await Assert.ThrowsAsync<ControlPlaneException>(() => admin.RegisterAsync(phone, patience.Token));
        await owner.RegisterAsync(lamp, patience.Token);
        await phone.SetControlPlanesAsync([], patience.Token);
        var done = await admin.RegisterAsync(phone, patience.Token);
        var nothing = await visitor.RegisterAsync(guest, patience.Token);
        await lamp.SetControlPlanesAsync([new(phone.Id, [], Api: new("https://control.example"))], patience.Token);
        while (guest.ControlPlanes.Count == 0) { await Task.Delay(5, patience.Token); }
        var refused = await Assert.ThrowsAsync<ControlPlaneException>(() => visitor.RegisterAsync(guest, patience.Token));

        Assert.Equal(ControlPlaneError.StatementRefused, early.Code);
        Assert.Equal((false, 1, 0), (done.IsNew, done.Statements, done.Nodes));
        Assert.Equal("admin", (await admin.GetNetworkAsync(lamp.Network, patience.Token)).Role);
        Assert.Equal((false, 0, 0), (nothing.IsNew, nothing.Statements, nothing.Nodes));
        Assert.Equal(ControlPlaneError.Forbidden, refused.Code);

        async Task<ControlPlaneClient> ClientAsync()
        {
            var (_, token) = await plane.CreateAccountAsync();
            return new(plane.Connect(), _ => new(token));
        }
    }

    [Fact]
    public async Task A_network_whose_past_was_forgotten_is_brought_by_its_snapshot_and_goes_on()
    {
        await using var plane = await StartAsync();
        await using var host = await CocoHost.StartAsync(new() { ListenAddresses = [new(System.Net.IPAddress.Loopback, 0)] });
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var lamp = await Node.CreateNetworkAsync(new() { Name = "home" }, Options(host, "lamp"), patience.Token);
        await using var phone = await Node.JoinAsync(await lamp.InviteAsync(new() { Role = Role.Admin }, patience.Token), Options(host, "phone"), patience.Token);
        await lamp.RenameAsync(phone.Id, "mobile", patience.Token);
        await lamp.CompactAsync(patience.Token);
        var (_, token) = await plane.CreateAccountAsync();
        using var http = plane.Connect();
        var client = new ControlPlaneClient(http, _ => new(token));

        var first = await client.RegisterAsync(lamp, patience.Token);
        var second = await client.RegisterAsync(lamp, patience.Token);
        await plane.RestartAsync(); // so that the list is read from the table
        using var again = plane.Connect();
        client = new(again, _ => new(token));
        await using var tablet = await Node.JoinAsync(await phone.InviteAsync(cancellationToken: patience.Token), Options(host, "tablet"), patience.Token);
        while (lamp.Peers.All(peer => peer.Id != tablet.Id)) { await Task.Delay(5, patience.Token); }
        var third = await client.RegisterAsync(lamp, patience.Token);
        var users = await lamp.ExtractAsync(patience.Token);
        using var authority = await NetworkAuthority.OpenAsync(client, lamp.Network, users.User, cancellationToken: patience.Token);
        await authority.RenameAsync(tablet.Id, "slate", patience.Token);

        Assert.Equal((true, 2), (first.IsNew, first.Nodes));
        Assert.Equal((false, 0, 0), (second.IsNew, second.Statements, second.Nodes));
        Assert.Equal((false, 0, 1), (third.IsNew, third.Statements, third.Nodes));
        Assert.Equal(Role.Owner, authority.Role);
        Assert.Equal(["lamp", "mobile", "slate"], (await client.ListNodesAsync(lamp.Network, cancellationToken: patience.Token)).Items.Select(static node => node.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["admin", "owner"], (await client.ListRolesAsync(lamp.Network, cancellationToken: patience.Token)).Items.Select(static role => role.Role).Where(static role => role != "guest").Order(StringComparer.Ordinal));
        Assert.Equal("home", (await client.GetNetworkAsync(lamp.Network, patience.Token)).Name);
    }

    [Fact]
    public async Task Beyond_the_plan_s_room_the_rest_is_there_and_the_node_is_not()
    {
        await using var plane = await TestPlane.StartAsync(change: static settings =>
        {
            settings.Relaying.Plans["free"] = new() { Networks = 1, Nodes = 1 };
            return settings;
        });
        await using var host = await CocoHost.StartAsync(new() { ListenAddresses = [new(System.Net.IPAddress.Loopback, 0)] });
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var lamp = await Node.CreateNetworkAsync(new() { Name = "home" }, Options(host, "lamp"), patience.Token);
        await using var phone = await Node.JoinAsync(await lamp.InviteAsync(cancellationToken: patience.Token), Options(host, "phone"), patience.Token);
        var (_, token) = await plane.CreateAccountAsync();
        using var http = plane.Connect();
        var client = new ControlPlaneClient(http, _ => new(token));

        var full = await Assert.ThrowsAsync<ControlPlaneException>(() => client.RegisterAsync(lamp, patience.Token));

        Assert.Equal(ControlPlaneError.PlanExceeded, full.Code);
        Assert.Equal([lamp.Id.ToString()], await ServedAsync(plane.Database)); // its own comes first
    }

    private static Task<List<string>> ServedAsync(Database database) => database.ReadAsync(static session => session.QueryAsync($"SELECT node FROM relay_nodes ORDER BY node", static row => row.Text("node")), default);

    private static NodeOptions Options(CocoHost host, string name) => new() { Name = name, App = new("org.example.home"), Host = host, DiscoverOnLan = false };
}
