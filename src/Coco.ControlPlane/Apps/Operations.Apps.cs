using Coco.ControlPlane.Apps;

namespace Coco.ControlPlane.Api;

/// <content>Apps that people register.</content>
internal static partial class Operations
{
    public static readonly Operation CreateApp = new("createApp", "POST", "/v1/apps", Access.Account, Scopes.Apps, "Registers an app. Its secret, where it can keep one, is in this answer only.") { ShowsVersion = true, Refuses = [409] };

    public static readonly Operation ListApps = new("listApps", "GET", "/v1/apps", Access.Account, Scopes.Apps, "Lists the caller's apps.");

    public static readonly Operation GetApp = new("getApp", "GET", "/v1/apps/{app}", Access.AppOwner, Scopes.Apps, "Shows an app.") { ShowsVersion = true };

    public static readonly Operation UpdateApp = new("updateApp", "PUT", "/v1/apps/{app}", Access.AppOwner, Scopes.Apps,
        "Changes an app. Tokens that it has keep their scopes; the next ones get no more than it has then.") { ShowsVersion = true, RequiresVersion = true };

    public static readonly Operation DeleteApp = new("deleteApp", "DELETE", "/v1/apps/{app}", Access.AppOwner, Scopes.Apps, "Deletes an app and all its tokens.") { Refuses = [409] };

    public static readonly Operation RotateSecret = new("rotateAppSecret", "POST", "/v1/apps/{app}/secret", Access.AppOwner, Scopes.Apps,
        "Makes a new secret. The one before is good for a while longer.") { ShowsVersion = true, Refuses = [409] };

    public static readonly Operation CreateExternalToken = new("createExternalToken", "POST", "/v1/external-tokens", Access.App, Scopes.NodesWrite,
        "Makes a token for one of the developer's own users, in a network that the app owns.") { HasLocation = false, Refuses = [404] };
}
