namespace Coco.Transport;

/// <summary>An operation on an endpoint, a connection or a stream failed. What takes too long is a <see cref="TimeoutException"/> instead.</summary>
public sealed class TransportException : IOException
{
    /// <summary>An exception.</summary>
    /// <param name="code">What went wrong.</param>
    /// <param name="message">What happened, to what, and what to try.</param>
    /// <param name="applicationCode">The code the peer's application gave for the stream or connection, where it did.</param>
    /// <param name="innerException">What caused it.</param>
    public TransportException(TransportError code, string message, ulong? applicationCode = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Code = code;
        ApplicationCode = applicationCode;
    }

    /// <summary>What went wrong.</summary>
    public TransportError Code { get; }

    /// <summary>The code the peer's application gave when it closed the connection or gave up the stream; null where nothing of the kind
    /// happened.</summary>
    public ulong? ApplicationCode { get; }

    /// <summary>Whether trying again could help.</summary>
    public bool IsTransient => Code is TransportError.ConnectionLost or TransportError.ConnectionRefused or TransportError.Overloaded;
}
