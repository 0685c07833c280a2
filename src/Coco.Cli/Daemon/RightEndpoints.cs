using System.Globalization;
using Coco.Cli.Api;
using Coco.Cluster;
using Coco.Cluster.Grants;
using Coco.Cluster.Invitations;
using Coco.Cluster.Policies;

namespace Coco.Cli.Daemon;

/// <summary>Who may do what: roles, grants, the policy, and who belongs no more.</summary>
internal static class RightEndpoints
{
    public static void Map(ApiRoutes routes)
    {
        routes.Post<RoleWish, Done>("/v1/roles", static async (call, wish) =>
        {
            var held = call.Network();
            await held.Node.GrantAsync(UserOf(held, wish.Who), Words.RoleOf(wish.Role), call.Aborted);
            return new Done();
        });
        routes.Get("/v1/grants", static async call =>
        {
            var held = call.Network();
            return new GrantList(held.NetworkName, [.. (await held.Node.GetGrantsAsync(call.Aborted)).Select(static one => ViewOf(one.Id, one.Grant))]);
        });
        routes.Post<GrantWish, GrantView>("/v1/grants", GrantAsync);
        routes.Delete("/v1/grants", RevokeAsync);
        routes.Delete("/v1/members", static async call =>
        {
            var held = call.Network();
            var who = call.Need("who");
            if (call.Query("user") is not null) { await held.Node.RemoveAsync(UserOf(held, who), call.Aborted); }
            else { await held.Node.RemoveAsync(Words.NodeOf(held, who), call.Aborted); }
            return new Done();
        });
        routes.Get("/v1/policy", static async call => new PolicyText((await call.Network().Node.GetPolicyAsync(call.Aborted)).ToString()));
        routes.Post<PolicyText, Done>("/v1/policy", static async (call, wish) =>
        {
            if (!Policy.TryParse(wish.Policy, out var policy, out var wrong)) { throw ApiException.Of(CocoError.InvalidText, $"This is no policy: {wrong}"); }
            await call.Network().Node.SetPolicyAsync(policy, call.Aborted);
            return new Done();
        });
    }

    private static async Task<GrantView> GrantAsync(ApiCall call, GrantWish wish)
    {
        var held = call.Network();
        if (!ResourcePattern.TryParse(wish.Resource, out var resources))
        {
            throw ApiException.Of(CocoError.Invalid, $"'{wish.Resource}' names no resources. Write home/door/front, home/+/light for one level, home/# for all below.");
        }
        var (from, until) = (SecondsOf(wish.From), SecondsOf(wish.Until));
        var grant = wish.Who.StartsWith("role:", StringComparison.Ordinal)
            ? ResourceGrant.ToRole(Words.RoleOf(wish.Who["role:".Length..]), resources, wish.Actions, from, until)
            : ResourceGrant.ToUser(UserOf(held, wish.Who), resources, wish.Actions, from, until);
        return ViewOf(await held.Node.GrantAsync(grant, call.Aborted), grant);
    }

    private static async Task<Done> RevokeAsync(ApiCall call)
    {
        var held = call.Network();
        var id = call.Need("id");
        var grants = await held.Node.GetGrantsAsync(call.Aborted);
        if (grants.FirstOrDefault(one => $"{one.Id}" == id) is { } given)
        {
            await held.Node.RevokeGrantAsync(given.Id, call.Aborted);
            return new();
        }
        // A ticket's name is twice as long as a grant's.
        if (id.Length == 2 * TicketId.Size && UInt128.TryParse(id, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var ticket))
        {
            await held.Node.RevokeInvitationAsync(new(ticket), call.Aborted);
            return new();
        }
        throw ApiException.Of(
            CocoError.NotFound,
            $"There is no grant {id} in network {held.NetworkName}.{Spelling.Suggest(id, grants.Select(static one => $"{one.Id}"))} `coco grant list` lists them; a ticket has the id that `coco invite --json` told.");
    }

    private static UserId UserOf(HeldNode held, string who) => held.Node.Peers.FirstOrDefault(peer => $"{peer.User}" == who)?.User
        ?? (UserId.TryParse(who, out var user) && held.Node.Peers.All(peer => $"{peer.Id}" != who) ? user : Words.PeerOf(held, who).User);

    private static GrantView ViewOf(StatementId id, ResourceGrant grant) => new()
    {
        Id = $"{id}", User = grant.User.IsDefault ? null : $"{grant.User}", Role = grant.User.IsDefault ? ApiJson.NameOf(grant.Role) : null,
        Resource = $"{grant.Resources}", Actions = grant.Actions, From = TimeOf(grant.From), Until = TimeOf(grant.Until),
    };

    private static ulong SecondsOf(DateTimeOffset? time) => (ulong)Math.Max(0, time?.ToUnixTimeSeconds() ?? 0);

    // Others may have written any number.
    private static DateTimeOffset? TimeOf(ulong seconds) => seconds switch
    {
        0 => null,
        > 253_402_300_799 => DateTimeOffset.MaxValue,
        _ => DateTimeOffset.FromUnixTimeSeconds((long)seconds),
    };
}
