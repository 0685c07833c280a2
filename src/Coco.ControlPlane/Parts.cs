using Coco.ControlPlane.Accounts;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Apps;
using Coco.ControlPlane.Certificates;
using Coco.ControlPlane.Installs;
using Coco.ControlPlane.Invitations;
using Coco.ControlPlane.Mails;
using Coco.ControlPlane.Networks;
using Coco.ControlPlane.OAuth;
using Coco.ControlPlane.Operations;
using Coco.ControlPlane.Pages;
using Coco.ControlPlane.Relaying;
using Coco.ControlPlane.Passkeys;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Tokens;
using Coco.ControlPlane.Usage;
using Coco.ControlPlane.Webhooks;

namespace Coco.ControlPlane;

/// <summary>What the control plane consists of. A part is a folder with its services, its operations and its tables; here they are put together.</summary>
internal static class Parts
{
    public static void AddServices(IServiceCollection services, ControlPlaneSettings settings)
    {
        ServicePart.AddServices(services);
        CertificatesPart.AddServices(services);
        TokensPart.AddServices(services);
        MailsPart.AddServices(services, settings);
        AccountsPart.AddServices(services);
        PasskeysPart.AddServices(services);
        services.AddSingleton<ExternalTokens>();
        services.AddSingleton<Subjects>();
        PagesPart.AddServices(services);
        OAuthPart.AddServices(services);
        NetworksPart.AddServices(services);
        RelayingPart.AddServices(services);
        InstallsPart.AddServices(services);
        InvitationsPart.AddServices(services);
        WebhooksPart.AddServices(services);
    }

    public static void Map(ApiRoutes routes, IEndpointRouteBuilder endpoints, ControlPlaneSettings settings)
    {
        CertificatesPart.Map(endpoints, settings);
        ServicePart.Map(routes);
        AccountsPart.Map(routes);
        PasskeysPart.Map(routes);
        AppsPart.Map(routes);
        NetworksPart.Map(routes);
        UsagePart.Map(routes);
        PagesPart.Map(endpoints);
        OAuthPart.Map(routes, endpoints);
        InstallsPart.Map(routes);
        InvitationsPart.Map(routes, endpoints);
        WebhooksPart.Map(routes);
    }
}
