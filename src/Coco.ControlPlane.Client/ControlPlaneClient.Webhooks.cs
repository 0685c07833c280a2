using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Webhooks;

namespace Coco.ControlPlane.Client;

/// <content>Where services of apps hear of events.</content>
public sealed partial class ControlPlaneClient
{
    /// <summary>Tells an app's service of events from now on. The answer alone has the secret.</summary>
    public Task<WebhookView> CreateWebhookAsync(string app, CreateWebhookRequest request, CancellationToken cancellationToken = default) => SendJsonAsync(
        HttpMethod.Post, $"/v1/apps/{Uri.EscapeDataString(app)}/webhooks", request, ClientJson.Default.CreateWebhookRequest, ClientJson.Default.WebhookView, cancellationToken);

    /// <summary>Lists where an app's service hears of events.</summary>
    public Task<Page<WebhookView>> ListWebhooksAsync(string app, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync($"/v1/apps/{Uri.EscapeDataString(app)}/webhooks{QueryOf(cursor)}", ClientJson.Default.PageWebhookView, cancellationToken);

    /// <summary>Tells no more.</summary>
    public Task DeleteWebhookAsync(string app, string webhook, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, $"/v1/apps/{Uri.EscapeDataString(app)}/webhooks/{Uri.EscapeDataString(webhook)}", null, null, cancellationToken);

    /// <summary>Lists events that were told lately or are still to be told.</summary>
    public Task<Page<DeliveryView>> ListDeliveriesAsync(string app, string webhook, string? cursor = null, CancellationToken cancellationToken = default) => GetAsync(
        $"/v1/apps/{Uri.EscapeDataString(app)}/webhooks/{Uri.EscapeDataString(webhook)}/deliveries{QueryOf(cursor)}", ClientJson.Default.PageDeliveryView, cancellationToken);
}
