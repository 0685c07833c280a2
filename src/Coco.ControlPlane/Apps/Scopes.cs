using System.Collections.Immutable;
using Coco.ControlPlane.Client.Contracts.Apps;

namespace Coco.ControlPlane.Apps;

/// <summary>What tokens can be limited to (RFC 6749 §3.3).</summary>
internal static class Scopes
{
    public const string Account = "account";
    public const string Apps = "apps";
    public const string NetworksRead = "networks:read";
    public const string NetworksWrite = "networks:write";
    public const string NodesRead = "nodes:read";
    public const string NodesWrite = "nodes:write";
    public const string UsageRead = "usage:read";
    public const string InstallsRead = "installs:read";
    public const string Webhooks = "webhooks";
    public const string ResourcesUse = "resources:use";
    public const string OpenId = "openid";
    public const string Email = "email";
    public const string OfflineAccess = "offline_access";

    private static readonly AppKind[] Everybody = [AppKind.Service, AppKind.CloudToCloud, AppKind.Native, AppKind.SinglePage];
    private static readonly AppKind[] Developers = [AppKind.Service, AppKind.Native, AppKind.SinglePage];
    private static readonly AppKind[] Devices = [AppKind.Native, AppKind.SinglePage];

    /// <summary>All of them, in the order in which people read them when they are asked.</summary>
    public static ImmutableArray<Scope> All { get; } =
    [
        new(OpenId, "know you again when you come back", Developers) { IsOfPeople = true },
        new(Email, "see your address of mail", Developers) { IsOfPeople = true },
        new(Account, "see your account", Devices) { IsOfPeople = true },
        new(Apps, "register and change apps of yours, and see their secrets", Devices) { IsOfPeople = true },
        new(NetworksRead, "see your networks", Everybody),
        new(NetworksWrite, "add, change and remove networks of yours", Developers),
        new(NodesRead, "see the nodes of your networks", Developers),
        new(NodesWrite, "add and remove nodes of your networks", Developers),
        new(UsageRead, "see how much your networks use", Developers),
        new(InstallsRead, "see where it is installed, under pseudonyms", Developers),
        new(Webhooks, "be told what changes in your networks", Developers),
        new(ResourcesUse, "use resources that you share with it", Everybody),
        new(OfflineAccess, "do this also while you are away", Developers) { IsOfPeople = true },
    ];

    /// <summary>What one of a developer's own users may be given.</summary>
    public static ImmutableHashSet<string> OfExternalUsers { get; } = [NetworksRead, NodesRead, NodesWrite, ResourcesUse];

    public static Scope? Find(string name) => All.FirstOrDefault(scope => scope.Name == name);

    public static bool MayHave(AppKind kind, string name) => Find(name)?.Kinds.Contains(kind) ?? false;

    /// <summary>Whether an app may ask a person for it. A service has most for its own networks alone: of people's it learns no more than that they are there.</summary>
    public static bool MayAskPeople(AppKind kind, string name) => MayHave(kind, name) && (kind is not AppKind.Service || name is OpenId or Email or NetworksRead or ResourcesUse or OfflineAccess);
}
