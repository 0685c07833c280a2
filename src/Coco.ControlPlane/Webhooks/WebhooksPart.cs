using Coco.ControlPlane.Api;

namespace Coco.ControlPlane.Webhooks;

/// <summary>Events for services of apps.</summary>
internal static class WebhooksPart
{
    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<WebhookOutbox>();
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<WebhookCourier>();
        services.AddHostedService(static provider => provider.GetRequiredService<WebhookCourier>());
    }

    public static void Map(ApiRoutes routes) => WebhookOperations.Map(routes);
}
