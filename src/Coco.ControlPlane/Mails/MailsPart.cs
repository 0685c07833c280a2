using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Coco.ControlPlane.Mails;

/// <summary>Mail to people.</summary>
internal static class MailsPart
{
    public static void AddServices(IServiceCollection services)
    {
        services.TryAddSingleton<IMailSender, MailFolder>();
        services.AddSingleton<MailOutbox>();
        services.AddSingleton<MailCourier>();
        services.AddHostedService(static provider => provider.GetRequiredService<MailCourier>());
    }
}
