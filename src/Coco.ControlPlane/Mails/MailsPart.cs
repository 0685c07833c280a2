using Coco.ControlPlane.Settings;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Coco.ControlPlane.Mails;

/// <summary>Mail to people.</summary>
internal static class MailsPart
{
    public static void AddServices(IServiceCollection services, ControlPlaneSettings settings)
    {
        if (settings.Mail.Server is null) { services.TryAddSingleton<IMailSender, MailFolder>(); }
        else { services.TryAddSingleton<IMailSender, SmtpSender>(); }
        services.AddSingleton<MailOutbox>();
        services.AddSingleton<MailCourier>();
        services.AddHostedService(static provider => provider.GetRequiredService<MailCourier>());
    }
}
