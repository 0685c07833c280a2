namespace Coco;

/// <summary>Something a node was asked for failed. The message says what happened, and what to do.</summary>
public sealed class CocoException : IOException
{
    /// <summary>An exception.</summary>
    /// <param name="code">What went wrong.</param>
    /// <param name="message">What happened, to what, and what to do.</param>
    /// <param name="innerException">What caused it.</param>
    public CocoException(CocoError code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>What went wrong.</summary>
    public CocoError Code { get; }

    /// <summary>Whether trying again later, with nothing changed, may succeed.</summary>
    public bool IsTransient =>
        Code is CocoError.Unreachable or CocoError.ConnectionClosed or CocoError.Overloaded or CocoError.StoreInUse or CocoError.AddressUnavailable
            or CocoError.TargetUnavailable;
}
