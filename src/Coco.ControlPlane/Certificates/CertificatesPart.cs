using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Certificates;

/// <summary>Certificates of HTTPS and WebSockets: given, signed by themselves, or asked of an authority.</summary>
internal static class CertificatesPart
{
    private const int MaxToken = 512;

    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<CertificateStore>();
        services.AddSingleton<TlsAlpn>();
        services.AddSingleton<CertificateWatch>();
        services.AddHostedService(static provider => provider.GetRequiredService<CertificateWatch>());
        services.AddSingleton<CertificateCourier>();
        services.AddHostedService(static provider => provider.GetRequiredService<CertificateCourier>());
        services.AddHealthChecks().AddCheck<CertificateHealth>("certificate", tags: ["ready"]);
    }

    public static void Map(IEndpointRouteBuilder endpoints, ControlPlaneSettings settings)
    {
        if (settings.Acme is not { IsOn: true, Challenge: AcmeSettings.Http }) { return; }
        // RFC 8555 §8.3. Asked for before there is any certificate, so by HTTP.
        endpoints.MapGet("/.well-known/acme-challenge/{token}", static async (string token, HttpContext context, CertificateStore store, ILogger<CertificateStore> logger) =>
        {
            var name = context.Request.Host.Host.ToLowerInvariant();
            if (token.Length > MaxToken || await store.FindAnswerAsync(name, token, context.RequestAborted) is not { } answer) { return Results.NotFound(); }
            CertificateLog.ChallengeShown(logger, name);
            return Results.Text(answer, "application/octet-stream");
        });
    }
}
