namespace Coco.ControlPlane.Api;

/// <content>Installs of apps.</content>
internal static partial class Operations
{
    public static readonly Operation ListInstalls =
        new("listInstalls", "GET", "/v1/apps/{app}/installs", Access.AppOwner, "installs:read", "Lists the app's installs: by pseudonyms, but for those in its own developer networks.");
}
