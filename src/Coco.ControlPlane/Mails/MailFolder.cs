using System.Globalization;
using System.Text;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Mails;

/// <summary>"Sends" mail by writing it to <c>mail/</c> in the data directory (RFC 5322), where an operator, a test or a mail system takes it from.
/// A file appears when it is whole and on disk. One that is sent again, as nobody knows whether it was, has the same name.</summary>
internal sealed class MailFolder(ControlPlaneSettings settings, PublicAddress address) : IMailSender
{
    public async Task SendAsync(Mail mail, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(settings.DataDirectory, "mail");
        if (OperatingSystem.IsWindows()) { Directory.CreateDirectory(folder); }
        else { Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute); }
        var text = $"""
            Date: {mail.Created.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture)}
            From: Coco <no-reply@{address.Host}>
            To: {mail.To.Text}
            Subject: {mail.Subject}
            Message-ID: <{mail.LongId}@{address.Host}>
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: 8bit

            {mail.Text}

            """;
        var path = Path.Combine(folder, mail.LongId + ".eml");
        var file = new FileStream(path + ".new", FileMode.Create, FileAccess.Write);
        await using (file)
        {
            await file.WriteAsync(new UTF8Encoding(false).GetBytes(text.ReplaceLineEndings("\r\n")), cancellationToken);
            file.Flush(flushToDisk: true); // it is erased in the database next
        }
        File.Move(path + ".new", path, overwrite: true);
    }
}
