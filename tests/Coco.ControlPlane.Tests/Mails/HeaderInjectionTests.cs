using System.Text;
using Coco.ControlPlane.Mails;
using MimeKit;

namespace Coco.ControlPlane.Tests.Mails;

/// <summary>Nothing that people write becomes a header, a recipient or a command, whatever they write.</summary>
public sealed class HeaderInjectionTests
{
    private static readonly int Cases = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 500_000 : 20_000;
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("COCO_SEED"), out var seed) ? seed : Random.Shared.Next();

    private static readonly string[] Pieces =
    [
        "\r\n", "\n", "\r", "\0", "\u0085", "\u2028", "\v", "\t", " ", "Bcc: eve@example.org", "Subject: x", "=?utf-8?q?=0D=0ABcc:_eve@example.org?=", "\r\n.\r\n", "RCPT TO:<eve@example.org>",
        "<", ">", ",", ";", ":", "\"", "(", ")", "\\", "@", "@example.org", "ada", ".", "%0d%0a", "ü", "𝄞", "\ud800", "a@b.example,eve@example.org", "--boundary", "Content-Type: text/html", "=0A", "SIZE=1",
    ];

    private static readonly string[] Headers = ["Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-Id", "Subject", "To"];

    [Fact]
    public void A_mail_of_any_fields_has_the_headers_of_every_mail_and_one_recipient()
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"COCO_SEED={Seed}");
        var random = new Random(Seed);
        var (written, from) = (0, Address("no-reply@control.example")!.Value);
        for (var i = 0; i < Cases; i++)
        {
            var (address, subject, text) = (Address(Some(random, 3) + (i % 2 == 0 ? "@example.org" : "")), Some(random, 4), Some(random, 8));
            if (i % 3 == 0) { subject = "Your password was changed"; }
            if (i % 5 == 0) { address = Address("ada@example.org"); }
            if (address is not { } to || Mail(to, subject, text) is not { } mail) { continue; }
            written++;
            Assert.True(to.Text.All(static character => character is > ' ' and <= '~' and not '<' and not '>' and not ',' and not ';' and not ':'), $"COCO_SEED={Seed}: '{to.Text}'");
            using var message = SmtpMessage.Compose(mail, from, "Coco", "control.example");
            Check(message, mail);
        }
        Assert.True(written > Cases / 50, $"COCO_SEED={Seed}: {written} mails of {Cases} tries"); // else it shows nothing
    }

    private static void Check(MimeMessage message, Mail mail)
    {
        using var stream = new MemoryStream();
        message.WriteTo(new FormatOptions { NewLineFormat = NewLineFormat.Dos }, stream);
        var text = Encoding.UTF8.GetString(stream.ToArray());
        // As the simplest of readers would: line by line, whatever MimeKit thinks of it.
        var head = text[..text.IndexOf("\r\n\r\n", StringComparison.Ordinal)].Split("\r\n");
        var names = head.Where(static line => line[0] is not (' ' or '\t')).Select(static line => line.Split(':')[0]).ToArray();

        Assert.DoesNotContain(head, static line => line.AsSpan().ContainsAny('\r', '\n', '\0'));
        Assert.Equal(Headers, names.Except(["Content-Transfer-Encoding"], StringComparer.Ordinal).Order(StringComparer.Ordinal)); // which a text of plain ASCII has no need of
        Assert.Equal(names.Length, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Equal(mail.To.Text, Assert.Single(head, static line => line.StartsWith("To:", StringComparison.Ordinal))[3..].Trim());
        Assert.Equal(mail.To.Text, ((MailboxAddress)Assert.Single(message.GetRecipients())).Address);
    }

    private static string Some(Random random, int most) => string.Concat(Enumerable.Range(0, random.Next(1, most + 1)).Select(_ => random.Next(3) == 0 ? ((char)random.Next(0x250)).ToString() : Pieces[random.Next(Pieces.Length)]));

    private static EmailAddress? Address(string text) => EmailAddress.TryParse(text, out var address) ? address : null;

    private static Mail? Mail(EmailAddress to, string subject, string text)
    {
        try
        {
            return new(to, subject, text) { Id = "mail_x", Created = DateTimeOffset.UnixEpoch };
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
