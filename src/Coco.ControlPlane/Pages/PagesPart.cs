namespace Coco.ControlPlane.Pages;

/// <summary>What people see in browsers.</summary>
internal static class PagesPart
{
    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<Cookies>();
        services.AddSingleton<FormGuard>();
        services.AddSingleton<BrowserSession>();
        services.AddSingleton<FormPages>();
        services.AddSingleton<PasskeyPages>();
        services.AddSingleton<ConsentPages>();
        services.AddSingleton<AccountPages>();
    }

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints.ServiceProvider.GetRequiredService<AccountPages>().Map(endpoints);
}
