namespace Coco.ControlPlane.Webhooks;

/// <summary>What is told of webhooks. Events 1770 to 1779. No addresses, no bodies.</summary>
internal static partial class WebhookLog
{
    [LoggerMessage(1770, LogLevel.Debug, "webhooks: event {Event} to {Webhook}: {Status}")]
    public static partial void Sent(ILogger logger, string @event, string webhook, int? status);

    [LoggerMessage(1771, LogLevel.Information, "webhooks: {Webhook} is disabled after a day without success")]
    public static partial void Disabled(ILogger logger, string webhook);

    [LoggerMessage(1772, LogLevel.Warning, "webhooks: the round failed and is tried again")]
    public static partial void Failed(ILogger logger, Exception exception);
}
