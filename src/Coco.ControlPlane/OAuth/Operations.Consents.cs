namespace Coco.ControlPlane.Api;

/// <content>What people let apps do.</content>
internal static partial class Operations
{
    public static readonly Operation ListConsents = new("listConsents", "GET", "/v1/me/consents", Access.OwnAccount, null, "Lists which apps the caller has let in, and to what.");

    public static readonly Operation DeleteConsent = new("deleteConsent", "DELETE", "/v1/me/consents/{app}", Access.OwnAccount, null,
        "Takes back what the caller let an app do. Its tokens for the caller end at once.");
}
