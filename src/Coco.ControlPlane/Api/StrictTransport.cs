using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Api;

/// <summary>Tells browsers to come by HTTPS alone from now on (RFC 6797), where that is how they came and how the settings want it: so nobody on the way can have a
/// session's cookie or a code sent in clear.</summary>
internal sealed class StrictTransport(RequestDelegate next, ControlPlaneSettings settings)
{
    private const string Policy = "max-age=31536000"; // a year; other hosts of the domain are none of ours to speak for

    private readonly bool _isWanted = settings.PublicUrl?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) ?? false;

    public Task InvokeAsync(HttpContext context)
    {
        // §7.2: not over HTTP. As the answer goes out, as problems begin anew.
        if (_isWanted && context.Request.IsHttps)
        {
            context.Response.OnStarting(() =>
            {
                context.Response.Headers.StrictTransportSecurity = Policy;
                return Task.CompletedTask;
            });
        }
        return next(context);
    }
}
