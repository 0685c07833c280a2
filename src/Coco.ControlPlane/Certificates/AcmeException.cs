namespace Coco.ControlPlane.Certificates;

/// <summary>A certificate authority did not do what it was asked for; the message says what to do.</summary>
internal sealed class AcmeException : Exception
{
    public AcmeException()
    {
    }

    public AcmeException(string message)
        : base(message)
    {
    }

    public AcmeException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The last part of the problem's type (RFC 8555 §6.7); empty where the authority named none.</summary>
    public string Type { get; init; } = "";

    /// <summary>Whether the authority was not reached at all, so that it bears to be asked again soon.</summary>
    public bool IsAway { get; init; }

    /// <summary>When it wants to be asked again, as it said.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
