namespace Coco.ControlPlane.Certificates;

/// <summary>What is told of certificates. Events 1790 to 1799. Names are the control plane's own.</summary>
internal static partial class CertificateLog
{
    [LoggerMessage(1790, LogLevel.Information, "certificate: issued for {Names}, good until {Ends:u}, renewed from {Renew:u} on")]
    public static partial void Issued(ILogger logger, string names, DateTimeOffset ends, DateTimeOffset renew);

    [LoggerMessage(1791, LogLevel.Warning, "certificate: not renewed. {Problem} The one that is shown is good until {Ends:u}; the next attempt is at {Next:u}")]
    public static partial void NotRenewed(ILogger logger, string problem, DateTimeOffset ends, DateTimeOffset next);

    [LoggerMessage(1792, LogLevel.Error, "certificate: there is none that browsers believe. {Problem} The next attempt is at {Next:u}; `coco-control certificate renew` makes one at once")]
    public static partial void NotIssued(ILogger logger, string problem, DateTimeOffset next);

    [LoggerMessage(1793, LogLevel.Information, "certificate: another is shown from now on, good until {Ends:u}")]
    public static partial void Shown(ILogger logger, DateTimeOffset ends);

    [LoggerMessage(1794, LogLevel.Warning, "certificate: whether there is another could not be read, so that the one before is shown: {Reason}")]
    public static partial void NotRead(ILogger logger, string reason);

    [LoggerMessage(1795, LogLevel.Warning, "certificate: the round failed and is tried again")]
    public static partial void RoundFailed(ILogger logger, Exception exception);

    [LoggerMessage(1796, LogLevel.Information, "certificate: the authority asked for {Name} and was shown that it is ours")]
    public static partial void ChallengeShown(ILogger logger, string name);
}
