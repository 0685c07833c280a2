namespace Coco.ControlPlane.Api;

/// <content>Networks, and what is signed in them.</content>
internal static partial class Operations
{
    public static readonly Operation CreateChallenge =
        new("createChallenge", "POST", "/v1/challenges", Access.AccountOrApp, "networks:write", "Gets a challenge, whose answer shows that the caller holds a user's key.") { HasLocation = false };

    public static readonly Operation CreateNetwork =
        new("createNetwork", "POST", "/v1/networks", Access.AccountOrApp, "networks:write", "Brings a network here by its first signed statements.") { ShowsVersion = true, Refuses = [402, 404, 409, 410] };

    public static readonly Operation ListNetworks =
        new("listNetworks", "GET", "/v1/networks", Access.AccountOrAppOrCloud, "networks:read", "Lists the caller's networks; for a linked cloud under pseudonyms.");

    public static readonly Operation GetNetwork =
        new("getNetwork", "GET", "/v1/networks/{network}", Access.NetworkGuest, "networks:read", "Shows a network.") { ShowsVersion = true };

    public static readonly Operation DeleteNetwork =
        new("deleteNetwork", "DELETE", "/v1/networks/{network}", Access.NetworkOwner, "networks:write", "Removes a network from the control plane. It goes on without.") { RequiresVersion = false };

    public static readonly Operation ListStatements =
        new("listStatements", "GET", "/v1/networks/{network}/statements", Access.NetworkGuest, "networks:read", "Lists what was signed in the network, in the order of arrival.");

    public static readonly Operation AddStatements =
        new("addStatements", "POST", "/v1/networks/{network}/statements", Access.NetworkAdmin, "networks:write", "Adds signed statements.") { Refuses = [402] };

    public static readonly Operation LinkUser =
        new("linkUser", "POST", "/v1/networks/{network}/links", Access.AccountOrApp, "networks:write", "Shows which user of a network the caller is; from then on the caller has that user's role.") { Refuses = [402, 409, 410] };
}
