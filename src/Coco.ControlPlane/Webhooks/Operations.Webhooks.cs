namespace Coco.ControlPlane.Api;

/// <content>Where services of apps hear of events.</content>
internal static partial class Operations
{
    public static readonly Operation CreateWebhook =
        new("createWebhook", "POST", "/v1/apps/{app}/webhooks", Access.AppOwner, "webhooks", "Tells an app's service of events from now on.") { ShowsVersion = true, Refuses = [402] };

    public static readonly Operation ListWebhooks =
        new("listWebhooks", "GET", "/v1/apps/{app}/webhooks", Access.AppOwner, "webhooks", "Lists where an app's service hears of events.");

    public static readonly Operation DeleteWebhook =
        new("deleteWebhook", "DELETE", "/v1/apps/{app}/webhooks/{webhook}", Access.AppOwner, "webhooks", "Tells no more.");

    public static readonly Operation ListDeliveries =
        new("listDeliveries", "GET", "/v1/apps/{app}/webhooks/{webhook}/deliveries", Access.AppOwner, "webhooks", "Lists events that were told lately or are still to be told.");
}
