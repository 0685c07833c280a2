using System.Globalization;
using System.Net;
using Coco.ControlPlane.Settings;
using Coco.Transport.Links;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Coco.ControlPlane.Relaying;

/// <summary>
/// The relay's WebSockets by the port of the API (RFC 6455 §4.2): a node that can reach nothing but 443 needs no more. What is asked is held to the rules of the relay's own
/// listener, and what follows the answer is the relay's: its limits, its frames, its patience. It stands before what the API does with requests.
/// </summary>
internal sealed class RelayDoor(RequestDelegate next, RelayInstance relay, ControlPlaneSettings settings)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!settings.Relaying.IsOnApi || context.Request.Path != RelayUrl.DefaultPath)
        {
            await next(context);
            return;
        }
        var upgrade = context.Features.Get<IHttpUpgradeFeature>();
        var refusal = WebSocketUpgrade.RefusalOf(context.Request.Method, upgrade?.IsUpgradableRequest == true, name => context.Request.Headers[name].ToString());
        if (refusal is not null)
        {
            Refuse(context.Response, refusal);
            return;
        }
        // It lasts for days, and would be the longest of all requests.
        if (context.Features.Get<IHttpMetricsTagsFeature>() is { } metrics) { metrics.MetricsDisabled = true; }
        var remote = new IPEndPoint(context.Connection.RemoteIpAddress ?? IPAddress.Any, context.Connection.RemotePort);
        if (!await relay.ServeWebSocketAsync(remote, context.Features.Get<IConnectionSocketFeature>()?.Socket, UpgradeAsync)) { context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable; }

        async Task<Stream> UpgradeAsync(CancellationToken cancellationToken)
        {
            var fields = context.Response.Headers;
            fields.Upgrade = "websocket";
            fields.SecWebSocketAccept = WebSocketUpgrade.AcceptFor(context.Request.Headers.SecWebSocketKey.ToString());
            fields.SecWebSocketProtocol = WebSocketUpgrade.Subprotocol;
            return new UpgradedStream(await upgrade!.UpgradeAsync().WaitAsync(cancellationToken), context);
        }
    }

    // A status with its reason, and a field that goes with it.
    private static void Refuse(HttpResponse response, string refusal)
    {
        response.StatusCode = int.Parse(refusal.AsSpan(0, 3), CultureInfo.InvariantCulture);
        if (refusal.Split("\r\n") is [_, var field] && field.Split(": ") is [var name, var value]) { response.Headers[name] = value; }
    }
}
