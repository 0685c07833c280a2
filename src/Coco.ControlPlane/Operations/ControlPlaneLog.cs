namespace Coco.ControlPlane.Operations;

/// <summary>What the program tells. Events 1720 to 1739. No payloads, no addresses, no tokens.</summary>
internal static partial class ControlPlaneLog
{
    [LoggerMessage(1720, LogLevel.Information, "control plane: listening on {Addresses}, {Database}")]
    public static partial void Started(ILogger logger, string addresses, string database);

    [LoggerMessage(1721, LogLevel.Error, "control plane: request {Request} to {Endpoint} failed")]
    public static partial void Fault(ILogger logger, Exception exception, string request, string endpoint);

    [LoggerMessage(1722, LogLevel.Information, "control plane: {Operation} by {Caller}: {Status} in {Milliseconds} ms")]
    public static partial void Served(ILogger logger, string operation, string caller, int status, long milliseconds);

    [LoggerMessage(1725, LogLevel.Warning, "control plane: the database failed request {Request}: {Reason}")]
    public static partial void NoDatabase(ILogger logger, string reason, string request);

    [LoggerMessage(1724, LogLevel.Warning, "control plane: what is over was not cleared away: {Reason}")]
    public static partial void NotSwept(ILogger logger, string reason);

    [LoggerMessage(1723, LogLevel.Information, "control plane: stopping")]
    public static partial void Stopping(ILogger logger);
}
