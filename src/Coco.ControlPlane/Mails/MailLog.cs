namespace Coco.ControlPlane.Mails;

/// <summary>What is told of mail. Events 1780 to 1789. Never an address, a name or anything that is in a mail.</summary>
internal static partial class MailLog
{
    [LoggerMessage(1780, LogLevel.Error, "mail: one could not be sent ({Reason})")]
    public static partial void Failed(ILogger logger, string reason);

    [LoggerMessage(1781, LogLevel.Warning, "mail: one was dropped, as too many wait to be sent")]
    public static partial void Dropped(ILogger logger);
}
