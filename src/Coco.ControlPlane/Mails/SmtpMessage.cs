using MimeKit;
using MimeKit.Text;

namespace Coco.ControlPlane.Mails;

/// <summary>A mail as mail systems write it (RFC 5322).</summary>
internal static class SmtpMessage
{
    /// <summary>Writes it, the same each time.</summary>
    /// <param name="mail">The mail.</param>
    /// <param name="from">The address that it comes from.</param>
    /// <param name="fromName">The name beside it.</param>
    /// <param name="host">Whose the Message-ID is.</param>
    public static MimeMessage Compose(Mail mail, EmailAddress from, string fromName, string host)
    {
        var message = new MimeMessage
        {
            Date = mail.Created.ToUniversalTime(),
            Subject = mail.Subject,
            // RFC 5322 §3.6.4. One that is sent again, as nobody knows whether it was, has the same, so that mail systems and readers know the two for one.
            MessageId = $"{mail.LongId}@{host}",
            Body = new TextPart(TextFormat.Plain) { Text = mail.Text.ReplaceLineEndings("\r\n") },
        };
        message.From.Add(new MailboxAddress(fromName, from.Text));
        message.To.Add(new MailboxAddress(null, mail.To.Text));
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated"); // RFC 3834 §5: nobody's "I am on holiday" comes back
        return message;
    }
}
