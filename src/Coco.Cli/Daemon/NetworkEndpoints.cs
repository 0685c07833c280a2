using System.Globalization;
using Coco.Cli.Api;
using Coco.Cluster;
using Coco.Cluster.Invitations;
using JoinWish = Coco.Cli.Api.JoinWish;

namespace Coco.Cli.Daemon;

/// <summary>Networks: founding, joining, inviting, leaving.</summary>
internal static class NetworkEndpoints
{
    public static void Map(ApiRoutes routes)
    {
        routes.Get("/v1/networks", static call => Task.FromResult(new NetworkList([.. call.Daemon.Nodes.Of(call.Caller).Select(static node => node.View())])));
        routes.Post<NetworkWish, NetworkMade>("/v1/networks", static async (call, wish) =>
        {
            var held = await call.Daemon.Nodes.CreateAsync(call.Caller, wish, call.Aborted);
            return new(held.View(), held.Node.TakeRecoveryKey());
        });
        routes.Delete("/v1/networks", static async call =>
        {
            call.Need("network"); // never the only one by default: its keys go
            await call.Daemon.Nodes.LeaveAsync(call.Network(), call.Aborted);
            return new Done();
        });
        routes.Post<InviteWish, TicketView>("/v1/invitations", InviteAsync);
        routes.Post<JoinWish, NetworkView>("/v1/join", JoinAsync);
    }

    private static async Task<TicketView> InviteAsync(ApiCall call, InviteWish wish)
    {
        var held = call.Network();
        var subCluster = default(SubClusterId);
        if (wish.SubCluster is { } name && !SubClusterId.TryParse(name, out subCluster))
        {
            throw ApiException.Of(CocoError.Invalid, $"'{name}' is no name of a sub-cluster: 1 to 64 characters from a-z, 0-9, '.', '-' and '_'.");
        }
        var ticket = await held.Node.InviteAsync(
            new() { Role = Words.RoleOf(wish.Role), SubCluster = subCluster, Lifetime = TimeSpan.FromSeconds(wish.LifetimeSeconds), Tags = wish.Tags }, call.Aborted);
        return new(
            ticket.ToText(), ticket.Id.Value.ToString("x32", CultureInfo.InvariantCulture), held.NetworkName, ApiJson.NameOf(ticket.Terms.Role), wish.SubCluster,
            DateTimeOffset.FromUnixTimeSeconds((long)ticket.Terms.Expiry));
    }

    private static async Task<NetworkView> JoinAsync(ApiCall call, JoinWish wish)
    {
        if (!Ticket.TryParse(wish.Ticket.Trim(), out var ticket))
        {
            throw ApiException.Of(CocoError.InvalidText, "This is no ticket, or not all of it. A ticket begins with coco1: copy all of it.");
        }
        var expires = DateTimeOffset.FromUnixTimeSeconds((long)ticket.Terms.Expiry);
        var now = call.Daemon.Time.GetUtcNow();
        if (expires <= now)
        {
            throw ApiException.Of(
                CocoError.TicketExpired, $"The ticket expired at {expires:u}, and it is {now:u} by this machine's clock. Ask for another: `coco invite`.");
        }
        return (await call.Daemon.Nodes.JoinAsync(call.Caller, ticket, wish.NodeName, call.Aborted)).View();
    }
}
