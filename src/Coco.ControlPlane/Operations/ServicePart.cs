using System.Reflection;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Relaying;
using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Operations;

/// <summary>What the control plane says of itself.</summary>
internal static class ServicePart
{
    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<Housekeeping>();
        services.AddHostedService(static provider => provider.GetRequiredService<Housekeeping>());
        services.AddHostedService<Telemetry>();
        services.AddSingleton<StopDelay>();
        services.AddHostedService(static provider => provider.GetRequiredService<StopDelay>());
    }

    public static void Map(ApiRoutes routes) => routes.Map<ServiceView>(
        Api.Operations.GetService,
        200,
        static (ControlPlaneSettings settings, RelayInstance relay) => Answer.Ok(new ServiceView(
            typeof(ServicePart).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion, settings.PublicUrl, View(relay))));

    private static RelayView? View(RelayInstance relay) =>
        relay.Info is { } info ? new(info.Id.ToString(), [.. info.Addresses.Select(static address => address.ToString())], info.Url) : null;
}
