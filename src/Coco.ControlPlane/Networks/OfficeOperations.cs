using Coco.Cluster.Grants;
using Coco.Cluster.Membership;
using Coco.Cluster.Policies;
using Coco.Cluster.Statements;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Networks;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Networks;

/// <summary>Operations on roles, delegated keys, access to resources, and policy. What is shown is what the statements amount to.</summary>
internal static class OfficeOperations
{
    public static void Map(ApiRoutes routes)
    {
        routes.Map<Page<RoleView>>(Api.Operations.ListRoles, 200, ListRolesAsync);
        routes.Map<ChangeView>(Api.Operations.GrantRole, 200, GrantRoleAsync);
        routes.Map<ChangeView>(Api.Operations.RevokeRole, 200, RevokeRoleAsync);
        routes.Map<Page<DelegateView>>(Api.Operations.ListDelegates, 200, ListDelegatesAsync);
        routes.Map<ChangeView>(Api.Operations.CreateDelegate, 200, CreateDelegateAsync);
        routes.Map<ChangeView>(Api.Operations.RevokeDelegate, 200, RevokeDelegateAsync);
        routes.Map<Page<GrantView>>(Api.Operations.ListGrants, 200, ListGrantsAsync);
        routes.Map<ChangeView>(Api.Operations.CreateGrant, 200, CreateGrantAsync);
        routes.Map<ChangeView>(Api.Operations.RevokeGrant, 200, RevokeGrantAsync);
        routes.Map<PolicyView>(Api.Operations.GetPolicy, 200, GetPolicyAsync);
        routes.Map<ChangeView>(Api.Operations.PutPolicy, 200, PutPolicyAsync);
    }

    private static Task<Answer> ListRolesAsync(string network, Cursor cursor, Database database, NetworkLogs logs, HttpContext context) =>
        ListAsync(network, cursor, database, logs, context, RolesOf, static role => $"{role.User} {role.Statement}");

    private static Task<IResult> GrantRoleAsync(string network, string user, SignedRequest request, ApiWriter writer, NetworkChanges changes)
    {
        var id = NetworkText.User(user);
        return StateAsync<StatementBody.GrantRole>(network, request.Statement, writer, changes, body => body.User == id);
    }

    private static Task<IResult> RevokeRoleAsync(string network, string user, HttpContext context, ApiWriter writer, NetworkChanges changes, NetworkLogs logs) => writer.WriteAsync(async session =>
    {
        var id = NetworkText.User(user);
        var state = await logs.StateAsync(session, NetworkText.Network(network));
        return Answer.Ok(await changes.ApplyAsync<StatementBody.Revoke>(session, network, NodeOperations.HeaderOf(context), body =>
            (body.Kind is RevokeKind.User && body.SubjectKey == id.Key)
            || (body.Kind is RevokeKind.Grant && (state.Facts.Guests.TryGetValue(body.Subject, out var guest) ? guest.User == id : state.Facts.Tenures.TryGetValue(body.Subject, out var tenure) && tenure.Key == id.Key))));
    });

    private static Task<Answer> ListDelegatesAsync(string network, Cursor cursor, Database database, NetworkLogs logs, HttpContext context) =>
        ListAsync(network, cursor, database, logs, context, static state => state.Facts.Delegates.Values.Select(View), static made => made.Id);

    private static Task<IResult> CreateDelegateAsync(string network, SignedRequest request, ApiWriter writer, NetworkChanges changes) =>
        StateAsync<StatementBody.Delegate>(network, request.Statement, writer, changes, static _ => true);

    private static Task<IResult> RevokeDelegateAsync(string network, string @delegate, HttpContext context, ApiWriter writer, NetworkChanges changes, NetworkLogs logs) => writer.WriteAsync(async session =>
    {
        var id = NetworkText.Given(@delegate, "delegate");
        if (!(await logs.StateAsync(session, NetworkText.Network(network))).Facts.Delegates.ContainsKey(id)) { throw ApiException.NotFound("delegate"); }
        return Answer.Ok(await changes.ApplyAsync<StatementBody.Revoke>(session, network, NodeOperations.HeaderOf(context), body => body.Kind is RevokeKind.Grant && body.Subject == id));
    });

    private static Task<Answer> ListGrantsAsync(string network, Cursor cursor, Database database, NetworkLogs logs, HttpContext context) =>
        ListAsync(network, cursor, database, logs, context, static state => state.Resources.Select(View).OfType<GrantView>(), static grant => grant.Id);

    private static Task<IResult> CreateGrantAsync(string network, SignedRequest request, ApiWriter writer, NetworkChanges changes) =>
        StateAsync<StatementBody.GrantResource>(network, request.Statement, writer, changes, static body => ResourceGrant.TryDecode(body.Grant.Span, out _));

    private static Task<IResult> RevokeGrantAsync(string network, string grant, HttpContext context, ApiWriter writer, NetworkChanges changes, NetworkLogs logs) => writer.WriteAsync(async session =>
    {
        var id = NetworkText.Given(grant, "grant");
        if (!(await logs.StateAsync(session, NetworkText.Network(network))).Facts.Resources.ContainsKey(id)) { throw ApiException.NotFound("grant"); }
        return Answer.Ok(await changes.ApplyAsync<StatementBody.Revoke>(session, network, NodeOperations.HeaderOf(context), body => body.Kind is RevokeKind.Grant && body.Subject == id));
    });

    private static async Task<Answer> GetPolicyAsync(string network, Database database, NetworkLogs logs, HttpContext context)
    {
        var state = await database.ReadAsync(session => logs.StateAsync(session, NetworkText.Network(network)), context.RequestAborted);
        return Answer.Ok(new PolicyView((Policy.TryDecode(state.Policy.Span, out var policy) ? policy : Policy.Empty).ToString()));
    }

    private static Task<IResult> PutPolicyAsync(string network, SignedRequest request, ApiWriter writer, NetworkChanges changes) =>
        StateAsync<StatementBody.SetPolicy>(network, request.Statement, writer, changes, static body => Policy.TryDecode(body.Policy.Span, out _));

    private static Task<IResult> StateAsync<TBody>(string network, string? statement, ApiWriter writer, NetworkChanges changes, Func<TBody, bool> says)
        where TBody : StatementBody => writer.WriteAsync(async session => Answer.Ok(await changes.ApplyAsync(session, network, statement, says)));

    private static async Task<Answer> ListAsync<T>(
        string network, Cursor cursor, Database database, NetworkLogs logs, HttpContext context, Func<NetworkState, IEnumerable<T>> select, Func<T, string> key)
    {
        var state = await database.ReadAsync(session => logs.StateAsync(session, NetworkText.Network(network)), context.RequestAborted);
        var items = select(state).Where(item => string.CompareOrdinal(key(item), cursor.After) > 0).OrderBy(key, StringComparer.Ordinal).Take(cursor.Limit + 1).ToList();
        return Answer.Ok(cursor.Page(items, key, static item => item));
    }

    private static IEnumerable<RoleView> RolesOf(NetworkState state)
    {
        if (state.Owner is { } owner) { yield return new(owner.ToString(), "owner", NetworkText.Of(state.OwnerAuthority)); }
        foreach (var tenure in state.Admins) { yield return new(tenure.Key.ToString(), "admin", NetworkText.Of(tenure.Id)); }
        foreach (var (id, guest) in state.Facts.Guests)
        {
            if (state.RoleOf(guest.User) is Role.Guest) { yield return new(guest.User.ToString(), "guest", NetworkText.Of(id)); }
        }
    }

    private static DelegateView View(DelegateGrant made) => new(
        NetworkText.Of(made.Id), made.Key.ToString(), made.Closed is not null, made.SubCluster.IsDefault ? null : made.SubCluster.Name, NetworkText.Time(made.Until));

    private static GrantView? View(GrantedResource given) => ResourceGrant.TryDecode(given.Grant.Span, out var grant)
        ? new(NetworkText.Of(given.Id), given.Issuer.ToString(), grant.Resources.ToString(), grant.Actions, grant.User.IsDefault ? null : grant.User.ToString(),
            grant.User.IsDefault ? NetworkText.Camel(grant.Role) : null, NetworkText.Time(grant.From), NetworkText.Time(grant.Until))
        : null;
}
