using System.Buffers.Text;
using Coco.Cluster;
using Coco.Cluster.Membership;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client;
using Coco.ControlPlane.Client.Contracts.Networks;
using Coco.ControlPlane.Storage;
using Coco.Crypto;

namespace Coco.ControlPlane.Networks;

/// <summary>Which callers are which users of networks: whoever signs with a user's key has that user's role, as long as the user has it.</summary>
internal sealed class NetworkPeople(Challenges challenges, NetworkRoom room, NetworkLogs logs)
{
    /// <summary>What a user may do by the API. Whoever has a node and no role is as good as a guest, as in the network.</summary>
    public static async Task<NetworkRole> RoleOfAsync(Session session, NetworkState state, UserId user)
    {
        var role = RoleOf(state, user);
        if (role is not NetworkRole.None || state.RevokedUsers.Contains(user)) { return role; }
        var hasNode = await session.AnyAsync($"SELECT 1 FROM network_nodes WHERE network = {state.Network.ToString()} AND user_id = {user.ToString()}");
        return hasNode ? NetworkRole.Guest : NetworkRole.None;
    }

    private static NetworkRole RoleOf(NetworkState state, UserId user) => state.RoleOf(state.SuccessorOf(user)) switch
    {
        Role.Owner => NetworkRole.Owner,
        Role.Admin => NetworkRole.Admin,
        Role.Guest => NetworkRole.Guest,
        _ => NetworkRole.None,
    };

    /// <summary>Whose key the caller has shown to hold.</summary>
    public UserId Require(HttpContext context, NetworkId network, KeyProof? proof)
    {
        if (proof is null) { throw new ApiException(ProblemCode.StatementMissing, "There is no proof that the caller holds the user's key: sign a challenge with it."); }
        if (!UserId.TryParse(proof.User, out var user)) { throw new ApiException(ProblemCode.Invalid, "proof.user is no key of a user."); }
        var caller = challenges.Require(Caller.Of(context), proof.Challenge);
        var signature = proof.Signature.Length <= 2 * IdentityKey.SignatureSize && Base64Url.IsValid(proof.Signature) ? Base64Url.DecodeFromChars(proof.Signature) : [];
        return KeyProofs.Verify(user, network, challenges.OriginOf(context), caller, proof.Challenge, signature)
            ? user
            : throw new ApiException(ProblemCode.StatementRefused, "BadSignature: the user's key has not signed this challenge for this caller and control plane.");
    }

    /// <summary>Gives the caller the role of the user whose key it holds.</summary>
    public async Task<LinkView> LinkAsync(Session session, Caller caller, NetworkId network, UserId user)
    {
        var id = network.ToString();
        var state = await logs.StateAsync(session, network);
        var role = await RoleOfAsync(session, state, user);
        if (role is NetworkRole.None) { throw ApiException.NotFound("network"); }
        if (role is NetworkRole.Owner)
        {
            await RequireFreeAsync(session, caller, id);
            await room.RequireAsync(session, caller, id);
        }
        if (caller.Kind is CallerKind.App)
        {
            // Developer networks have one app, which owns them.
            if (role is not NetworkRole.Owner) { throw new ApiException(ProblemCode.Forbidden, "An app has a network as its owner, or not at all."); }
            await session.ExecuteAsync($"UPDATE networks SET owner_app = {caller.AppId}, version = version + 1 WHERE id = {id} AND kind = {"developer"}");
        }
        else
        {
            await session.ExecuteAsync($"DELETE FROM network_people WHERE network = {id} AND account = {caller.AccountId}");
            await session.ExecuteAsync($"INSERT INTO network_people (network, account, user_id, role) VALUES ({id}, {caller.AccountId}, {user.ToString()}, {role.ToString()})");
            if (role is NetworkRole.Owner)
            {
                await session.ExecuteAsync($"DELETE FROM network_people WHERE network = {id} AND account <> {caller.AccountId} AND role = {nameof(NetworkRole.Owner)}");
                await session.ExecuteAsync($"UPDATE networks SET owner_account = {caller.AccountId}, version = version + 1 WHERE id = {id} AND kind = {"user"}");
            }
        }
        return new(id, user.ToString(), NetworkText.Camel(role));
    }

    // One account has a network, by itself or by its apps: the owner's key in two accounts would count in two plans or in none, and whoever came last would have it.
    private static async Task RequireFreeAsync(Session session, Caller caller, string network)
    {
        var (kind, account) = await session.FirstAsync(
            $"SELECT n.kind, COALESCE(n.owner_account, a.owner_account) AS account FROM networks n LEFT JOIN apps a ON a.id = n.owner_app WHERE n.id = {network}",
            static row => (row.Text("kind"), row.TextOrNull("account")));
        if (caller.Kind is CallerKind.App && kind != "developer") { throw new ApiException(ProblemCode.Conflict, "This is a network of people: link it to an account, by the person's own sign-in."); }
        if (account is null) { return; }
        var own = caller.Kind is CallerKind.App ? await session.FirstAsync($"SELECT owner_account FROM apps WHERE id = {caller.AppId}", static row => row.Text("owner_account")) : caller.AccountId;
        if (own == account) { return; }
        throw new ApiException(
            ProblemCode.Conflict,
            "Another account has this network here by the owner's key, and one account has a network. Use that account; or hand the network to another key (transferOwnership) and link that one; or take the network off there (deleteNetwork) and bring it with this account.");
    }
}
