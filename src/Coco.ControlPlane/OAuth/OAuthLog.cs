namespace Coco.ControlPlane.OAuth;

/// <summary>What is told of OAuth. Events 1760 to 1769. Never a code, a token or a secret.</summary>
internal static partial class OAuthLog
{
    [LoggerMessage(1760, LogLevel.Information, "oauth: {Account} lets {App} in")]
    public static partial void Granted(ILogger logger, string app, string account);

    [LoggerMessage(1761, LogLevel.Information, "oauth: {App} got a token ({Grant})")]
    public static partial void Issued(ILogger logger, string app, string grant);

    [LoggerMessage(1762, LogLevel.Information, "oauth: {Endpoint} refused {App}: {Error}")]
    public static partial void Refused(ILogger logger, string endpoint, string app, string error);

    [LoggerMessage(1763, LogLevel.Warning, "oauth: {What} of {App} came a second time; all that was made from it is taken back")]
    public static partial void Replayed(ILogger logger, string app, string what);

    [LoggerMessage(1764, LogLevel.Information, "oauth: a new key {Key} signs ID tokens")]
    public static partial void KeyMade(ILogger logger, string key);
}
