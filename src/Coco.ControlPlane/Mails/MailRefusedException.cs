namespace Coco.ControlPlane.Mails;

/// <summary>A mail was not taken. The message is for the log: it has nothing of what others wrote, so no address, and says what to do.</summary>
internal sealed class MailRefusedException : IOException
{
    public MailRefusedException(string message, bool isFinal, Exception? inner = null)
        : base(message, inner) => IsFinal = isFinal;

    /// <summary>Whether it will be refused as often as it is tried, so that it is not (RFC 5321 §4.2.1: 5yz, "should not repeat the exact request").</summary>
    public bool IsFinal { get; }
}
