namespace Coco.ControlPlane.Client;

/// <summary>A request to a control plane failed. The message says what happened, and what to do.</summary>
public sealed class ControlPlaneException : IOException
{
    /// <summary>An exception.</summary>
    /// <param name="code">What went wrong.</param>
    /// <param name="message">What happened, to what, and what to do.</param>
    /// <param name="innerException">What caused it.</param>
    public ControlPlaneException(ControlPlaneError code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>What went wrong.</summary>
    public ControlPlaneError Code { get; }

    /// <summary>The request, as the control plane's log names it; null where there was no answer.</summary>
    public string? Instance { get; init; }

    /// <summary>Whether trying again later, with nothing changed, may succeed.</summary>
    public bool IsTransient =>
        Code is ControlPlaneError.Unreachable or ControlPlaneError.TooManyRequests or ControlPlaneError.Unavailable or ControlPlaneError.StorageFull or ControlPlaneError.Internal;
}
