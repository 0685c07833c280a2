using Coco.ControlPlane.Api;

namespace Coco.ControlPlane.Networks;

/// <summary>Networks, and what is signed in them.</summary>
internal static class NetworksPart
{
    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<INetworkRoles, NetworkRoles>();
        services.AddSingleton<NetworkLogs>();
        services.AddSingleton<NetworkNodes>();
        services.AddSingleton<NetworkChanges>();
        services.AddSingleton<NetworkRoom>();
        services.AddSingleton<NetworkPeople>();
        services.AddSingleton<NetworkDesk>();
        services.AddSingleton<CloudNetworks>();
        services.AddSingleton<NewsDesk>();
        services.AddSingleton<Challenges>();
    }

    public static void Map(ApiRoutes routes)
    {
        NetworkOperations.Map(routes);
        NodeOperations.Map(routes);
        OfficeOperations.Map(routes);
        RegisterOperations.Map(routes);
    }
}
