using Coco.ControlPlane.Api;

namespace Coco.ControlPlane.Installs;

/// <summary>What services of apps may know of the networks in which their apps are used.</summary>
internal static class InstallsPart
{
    public static void AddServices(IServiceCollection services) => services.AddSingleton<Pseudonyms>();

    public static void Map(ApiRoutes routes) => InstallOperations.Map(routes);
}
