namespace Coco.ControlPlane.Relaying;

/// <summary>The relay, what networks use of it, and where their nodes are.</summary>
internal static class RelayingPart
{
    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<UsageStore>();
        services.AddSingleton<RelayTermsTable>();
        services.AddSingleton<RelayInstances>();
        services.AddSingleton<RelayInstance>();
        services.AddHostedService(static provider => provider.GetRequiredService<RelayInstance>());
    }
}
