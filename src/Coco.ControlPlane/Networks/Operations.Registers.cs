namespace Coco.ControlPlane.Api;

/// <content>What holds for a whole network: its settings, its control planes, whose it is.</content>
internal static partial class Operations
{
    public static readonly Operation GetSettings =
        new("getSettings", "GET", "/v1/networks/{network}/settings", Access.NetworkGuest, "networks:read", "Shows what the network is called and like.");

    public static readonly Operation PutSettings =
        new("putSettings", "PUT", "/v1/networks/{network}/settings", Access.NetworkAdmin, "networks:write", "Sets the network's name and settings, by a signed statement.") { Refuses = [402] };

    public static readonly Operation ListControlPlanes =
        new("listControlPlanes", "GET", "/v1/networks/{network}/control-planes", Access.NetworkGuest, "networks:read", "Lists the control planes that the network's members use.");

    public static readonly Operation PutControlPlanes =
        new("putControlPlanes", "PUT", "/v1/networks/{network}/control-planes", Access.NetworkAdmin, "networks:write", "Sets which control planes the members use, by a signed statement.") { Refuses = [402] };

    public static readonly Operation TransferOwnership =
        new("transferOwnership", "PUT", "/v1/networks/{network}/owner", Access.NetworkOwner, "networks:write", "Hands the network over, by a statement that the owner has signed and the new owner agreed to.") { Refuses = [402] };

    public static readonly Operation SetRecoveryKey =
        new("setRecoveryKey", "PUT", "/v1/networks/{network}/recovery-key", Access.NetworkOwner, "networks:write", "Names another recovery key, or none, by a signed statement.") { Refuses = [402] };

    // Whose key was stolen may have no place in the network here any more: the recovery key's signature says enough.
    public static readonly Operation RecoverOwnership =
        new("recoverOwnership", "POST", "/v1/networks/{network}/recoveries", Access.AccountOrApp, "networks:write", "Names another owner by a statement that the recovery key has signed.") { Refuses = [402] };
}
