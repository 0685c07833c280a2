namespace Coco.ControlPlane.Api;

/// <content>Nodes of networks.</content>
internal static partial class Operations
{
    public static readonly Operation CreateNode =
        new("createNode", "POST", "/v1/networks/{network}/nodes", Access.NetworkAdminOrExternalUser, "nodes:write", "Makes a node known by the signed certificate that admits it.") { ShowsVersion = true, Refuses = [402, 409] };

    public static readonly Operation ListNodes =
        new("listNodes", "GET", "/v1/networks/{network}/nodes", Access.NetworkGuestOrExternalUser, "nodes:read", "Lists nodes; by subCluster, user, name or externalUserId where one is given.");

    public static readonly Operation GetNode =
        new("getNode", "GET", "/v1/networks/{network}/nodes/{node}", Access.NetworkGuestOrExternalUser, "nodes:read", "Shows a node.") { ShowsVersion = true };

    public static readonly Operation DestroyNode =
        new("destroyNode", "DELETE", "/v1/networks/{network}/nodes/{node}", Access.NetworkAdmin, "nodes:write", "Removes a node for good, by the signed revocation in the header Coco-Statement.") { TakesStatement = true, Refuses = [402] };

    public static readonly Operation RenameNode =
        new("renameNode", "PUT", "/v1/networks/{network}/nodes/{node}/name", Access.NetworkAdmin, "nodes:write", "Calls a node something else, by a signed statement.") { Refuses = [402] };

    public static readonly Operation MoveNode =
        new("moveNode", "PUT", "/v1/networks/{network}/nodes/{node}/sub-cluster", Access.NetworkAdmin, "nodes:write", "Moves a node to another sub-cluster, by a signed statement.") { Refuses = [402] };

    public static readonly Operation AddRevocation =
        new("addRevocation", "POST", "/v1/networks/{network}/revocations", Access.NetworkAdmin, "nodes:write", "Removes a node or a user, or takes back what was granted, by a signed revocation.") { Refuses = [402] };

    public static readonly Operation ListSubClusters =
        new("listSubClusters", "GET", "/v1/networks/{network}/sub-clusters", Access.NetworkGuest, "nodes:read", "Lists the parts of the network and how many nodes each has.");
}
