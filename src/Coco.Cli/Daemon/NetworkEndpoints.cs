using System.Globalization;
using Coco.Cli.Api;
using Coco.Cluster;
using Coco.Cluster.Invitations;
using Coco.ControlPlane.Client;
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

    /// <summary>Makes a ticket.</summary>
    public static async Task<Ticket> TicketOfAsync(ApiCall call, HeldNode held, InviteWish wish)
    {
        var subCluster = default(SubClusterId);
        if (wish.SubCluster is { } name && !SubClusterId.TryParse(name, out subCluster))
        {
            throw ApiException.Of(CocoError.Invalid, $"'{name}' is no name of a sub-cluster: 1 to 64 characters from a-z, 0-9, '.', '-' and '_'.");
        }
        return await held.Node.InviteAsync(
            new() { Role = Words.RoleOf(wish.Role), SubCluster = subCluster, Lifetime = TimeSpan.FromSeconds(wish.LifetimeSeconds), Tags = wish.Tags }, call.Aborted);
    }

    private static async Task<TicketView> InviteAsync(ApiCall call, InviteWish wish)
    {
        var held = call.Network();
        var ticket = await TicketOfAsync(call, held, wish);
        return new(
            ticket.ToText(), ticket.Id.Value.ToString("x32", CultureInfo.InvariantCulture), held.NetworkName, ApiJson.NameOf(ticket.Terms.Role), wish.SubCluster,
            DateTimeOffset.FromUnixTimeSeconds((long)ticket.Terms.Expiry));
    }

    private static async Task<NetworkView> JoinAsync(ApiCall call, JoinWish wish)
    {
        // A link has its ticket behind the #; the control plane is not asked.
        var ticket = JoinLink.TryParse(wish.Ticket.Trim(), out var link) ? link.Ticket : null;
        if (ticket is null && !Ticket.TryParse(wish.Ticket.Trim(), out ticket))
        {
            throw ApiException.Of(
                CocoError.InvalidText, wish.Ticket.Contains("/join/", StringComparison.Ordinal)
                    ? "This is not all of the link. It ends with a # and a long key: copy all of it, and put it between quotation marks."
                    : "This is no ticket, or not all of it. A ticket begins with coco1: copy all of it.");
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
