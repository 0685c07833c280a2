namespace Coco.ControlPlane.Accounts;

/// <summary>What is told of accounts. Events 1750 to 1759. Never an address, a password, a code or a token.</summary>
internal static partial class AccountLog
{
    [LoggerMessage(1750, LogLevel.Information, "accounts: {Account} was refused at sign-in (attempt counted: {WasTried})")]
    public static partial void Refused(ILogger logger, string account, bool wasTried);

    [LoggerMessage(1751, LogLevel.Information, "accounts: {Account} signed in")]
    public static partial void SignedIn(ILogger logger, string account);

    [LoggerMessage(1752, LogLevel.Information, "accounts: {Account} {Change}")]
    public static partial void Changed(ILogger logger, string account, string change);

    [LoggerMessage(1755, LogLevel.Warning, "accounts: passkey {Passkey} of {Account} counts backwards: there may be a copy of it")]
    public static partial void PasskeyCopied(ILogger logger, string passkey, string account);

    [LoggerMessage(1756, LogLevel.Information, "accounts: a passkey was refused ({Reason})")]
    public static partial void PasskeyRefused(ILogger logger, string reason);
}
