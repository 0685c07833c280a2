namespace Coco.ControlPlane.Api;

/// <content>Who may do what in networks.</content>
internal static partial class Operations
{
    public static readonly Operation ListRoles =
        new("listRoles", "GET", "/v1/networks/{network}/roles", Access.NetworkGuest, "networks:read", "Lists users with a role.");

    public static readonly Operation GrantRole =
        new("grantRole", "PUT", "/v1/networks/{network}/roles/{user}", Access.NetworkAdmin, "networks:write", "Gives a user a role, by a signed statement.") { Refuses = [402] };

    public static readonly Operation RevokeRole =
        new("revokeRole", "DELETE", "/v1/networks/{network}/roles/{user}", Access.NetworkAdmin, "networks:write", "Removes a user with all nodes, or a role, by the signed revocation in the header Coco-Statement.") { TakesStatement = true, Refuses = [402] };

    public static readonly Operation ListDelegates =
        new("listDelegates", "GET", "/v1/networks/{network}/delegates", Access.NetworkAdmin, "networks:read", "Lists keys that may admit nodes.");

    public static readonly Operation CreateDelegate =
        new("createDelegate", "POST", "/v1/networks/{network}/delegates", Access.NetworkAdmin, "networks:write", "Lets a key admit nodes, by a signed statement.") { Refuses = [402] };

    public static readonly Operation RevokeDelegate =
        new("revokeDelegate", "DELETE", "/v1/networks/{network}/delegates/{delegate}", Access.NetworkAdmin, "networks:write", "Takes a delegation back, by the signed revocation in the header Coco-Statement.") { TakesStatement = true, Refuses = [402] };

    public static readonly Operation ListGrants =
        new("listGrants", "GET", "/v1/networks/{network}/grants", Access.NetworkGuest, "networks:read", "Lists access to resources.");

    public static readonly Operation CreateGrant =
        new("createGrant", "POST", "/v1/networks/{network}/grants", Access.NetworkAdmin, "networks:write", "Grants access to resources, by a signed statement.") { Refuses = [402] };

    public static readonly Operation RevokeGrant =
        new("revokeGrant", "DELETE", "/v1/networks/{network}/grants/{grant}", Access.NetworkAdmin, "networks:write", "Takes access back, by the signed revocation in the header Coco-Statement.") { TakesStatement = true, Refuses = [402] };

    public static readonly Operation GetPolicy =
        new("getPolicy", "GET", "/v1/networks/{network}/policy", Access.NetworkGuest, "networks:read", "Shows who may use which services and topics of whom.");

    public static readonly Operation PutPolicy =
        new("putPolicy", "PUT", "/v1/networks/{network}/policy", Access.NetworkAdmin, "networks:write", "Sets the policy, by a signed statement.") { Refuses = [402] };
}
