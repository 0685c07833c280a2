namespace Coco.ControlPlane.Api;

/// <summary>Decides about each request by the operation's row in the table, before anything of it is read.</summary>
internal sealed class Authorisation(RequestDelegate next, INetworkRoles roles)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<Operation>() is { } operation)
        {
            var caller = Caller.Of(context);
            await RequireAsync(context, operation, caller);
            if (operation.Scope is { } scope && !caller.Has(scope)) { throw new ApiException(ProblemCode.InsufficientScope, $"The token lacks the scope {scope}."); }
        }
        await next(context);
    }

    private async Task RequireAsync(HttpContext context, Operation operation, Caller caller)
    {
        if (operation.Access is Access.Anyone) { return; }
        if (caller.Kind is CallerKind.Anonymous) { throw new ApiException(ProblemCode.Unauthenticated, "Send a token that holds, as Authorization: Bearer."); }
        switch (operation.Access)
        {
            case Access.Operator:
                Require(caller.Kind is CallerKind.Operator, "This is for who runs the control plane.");
                break;
            case Access.Account:
                Require(caller.IsPerson, "This is for people, not for apps.");
                break;
            case Access.OwnAccount:
                Require(caller.Kind is CallerKind.Account, "This is for people who signed in themselves, not for apps.");
                break;
            case Access.App:
                Require(caller.Kind is CallerKind.App, "This is for apps, by their own credentials.");
                break;
            case Access.AccountOrApp:
                Require(caller.IsPerson || caller.Kind is CallerKind.App, "This is for people and apps.");
                break;
            case Access.AccountOrAppOrCloud:
                Require(caller.IsPerson || caller.Kind is CallerKind.App or CallerKind.Cloud, "This is for people and apps.");
                break;
            case Access.AppOwner:
                if (!await roles.OwnsAppAsync(caller, Value(context, "app"), context.RequestAborted)) { throw ApiException.NotFound("app"); }
                break;
            default:
                await RequireRoleAsync(context, operation.Access, caller);
                break;
        }
    }

    private async Task RequireRoleAsync(HttpContext context, Access access, Caller caller)
    {
        if (caller.Kind is CallerKind.ExternalUser && access is (Access.NetworkGuestOrExternalUser or Access.NetworkAdminOrExternalUser))
        {
            if (!await roles.IsExternalUserAsync(caller, Value(context, "network"), context.RequestAborted)) { throw ApiException.NotFound("network"); }
            return;
        }
        var needed = access switch
        {
            Access.NetworkGuest or Access.NetworkGuestOrExternalUser => NetworkRole.Guest,
            Access.NetworkAdmin or Access.NetworkAdminInPerson or Access.NetworkAdminOrExternalUser => NetworkRole.Admin,
            _ => NetworkRole.Owner,
        };
        var role = await roles.RoleOfAsync(caller, Value(context, "network"), context.RequestAborted);
        if (role is NetworkRole.None) { throw ApiException.NotFound("network"); }
        Require(role >= needed, $"This needs the role {needed} in the network.");
        Require(access is not Access.NetworkAdminInPerson || caller.Kind is CallerKind.Account, "This is for people who signed in themselves, not for apps.");
    }

    private static string Value(HttpContext context, string name) => context.GetRouteValue(name) as string ?? "";

    private static void Require(bool condition, string detail)
    {
        if (!condition) { throw new ApiException(ProblemCode.Forbidden, detail); }
    }
}
