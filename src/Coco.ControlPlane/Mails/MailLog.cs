namespace Coco.ControlPlane.Mails;

/// <summary>What is told of mail. Events 1780 to 1789. Never an address, a name or anything that is in a mail.</summary>
internal static partial class MailLog
{
    [LoggerMessage(1780, LogLevel.Warning, "mail: {Mail} could not be sent ({Reason}) and is tried again")]
    public static partial void NotSent(ILogger logger, string mail, string reason);

    [LoggerMessage(1781, LogLevel.Warning, "mail: one was dropped, as too many wait for its reader")]
    public static partial void Dropped(ILogger logger);

    [LoggerMessage(1782, LogLevel.Error, "mail: {Mail} is given up after {Attempts} attempts, as it is of no use any more. See why nothing is sent")]
    public static partial void GivenUp(ILogger logger, string mail, long attempts);

    [LoggerMessage(1783, LogLevel.Warning, "mail: the round failed and is tried again")]
    public static partial void Failed(ILogger logger, Exception exception);

    [LoggerMessage(1785, LogLevel.Error, "mail: {Mail} is refused for good and not tried again: {Reason}")]
    public static partial void Refused(ILogger logger, string mail, string reason);

    [LoggerMessage(1784, LogLevel.Debug, "mail: {Mail} is sent")]
    public static partial void Sent(ILogger logger, string mail);
}
