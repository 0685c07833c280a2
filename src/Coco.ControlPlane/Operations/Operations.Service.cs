namespace Coco.ControlPlane.Api;

/// <content>The control plane itself.</content>
internal static partial class Operations
{
    public static readonly Operation GetService = new("getService", "GET", "/v1/service", Access.Anyone, null, "What this control plane is.");
}
