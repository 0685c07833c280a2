using System.Globalization;

namespace Coco.ControlPlane.Mails;

/// <summary>A mail to a person.</summary>
internal sealed record Mail
{
    /// <param name="to">The address.</param>
    /// <param name="subject">One line of ASCII: it becomes a header as it is.</param>
    /// <param name="text">Plain text, lines ending in \n.</param>
    public Mail(EmailAddress to, string subject, string text)
    {
        // RFC 5322 §2.2: who could put a line end into a header could write others, and a mail of his own.
        if (subject.Any(static character => character is < ' ' or > '~')) { throw new ArgumentException("A subject is one line of visible ASCII.", nameof(subject)); }
        if (text.Any(static character => char.IsControl(character) && character is not '\n')) { throw new ArgumentException("A mail is plain text.", nameof(text)); }
        (To, Subject, Text) = (to, subject, text);
    }

    public EmailAddress To { get; }

    public string Subject { get; }

    public string Text { get; }

    /// <summary>Its name, the same each time that it is tried to be sent: for a Message-ID, by which mail systems know two for one.</summary>
    public string Id { get; init; } = "";

    /// <summary>When it was written.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>Time and name: what stands before the @ of its Message-ID.</summary>
    public string LongId => Created.UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture) + "_" + Id;
}
