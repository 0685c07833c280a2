using System.Net.Sockets;
using System.Text.RegularExpressions;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Settings;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;

namespace Coco.ControlPlane.Mails;

/// <summary>
/// Sends mail by a mail server (RFC 6409). What the server refuses for good in this one mail, its recipient or its text, ends it; what is wrong with the way there or with the
/// settings is wrong for all mail, and all of it waits until that is put right.
/// </summary>
internal sealed partial class SmtpSender(ControlPlaneSettings settings, PublicAddress address) : IMailSender, IDisposable
{
    private readonly Lazy<SmtpConnections> _connections = new(() => new(settings.Mail, address.Host));

    public async Task SendAsync(Mail mail, CancellationToken cancellationToken)
    {
        var from = settings.Mail.FromAt(address.Host) ?? throw new MailRefusedException("there is no address that it could come from: set Mail.From", isFinal: false);
        using var message = SmtpMessage.Compose(mail, from, settings.Mail.FromName, address.Host);
        try
        {
            await _connections.Value.UseAsync(client => client.SendAsync(message, cancellationToken), cancellationToken);
        }
        catch (Exception exception) when (Explain(exception) is { } explained)
        {
            throw new MailRefusedException(explained.Why, explained.IsFinal, exception);
        }
    }

    public void Dispose()
    {
        if (_connections.IsValueCreated) { _connections.Value.Dispose(); }
    }

    // None of these texts has anything that the server wrote but numbers: it may repeat the address.
    private (string Why, bool IsFinal)? Explain(Exception exception) => exception switch
    {
        MailRefusedException => null,
        SmtpCommandException refused => ExplainAnswer(refused),
        AuthenticationException => ("the mail server does not let Mail.User in with this password: check both", false),
        ServiceNotAuthenticatedException => ("the mail server takes nothing from who has not signed in: set Mail.User and Mail.PasswordFile", false),
        SslHandshakeException => ("the mail server's certificate is not trusted, or it speaks no TLS there: Mail.Server is the name in its certificate, Mail.AuthorityFile who signed it where the system does not know", false),
        NotSupportedException => ($"the mail server offers less than the settings want: Mail.Security is {settings.Mail.Security}, and Mail.User {(string.IsNullOrEmpty(settings.Mail.User) ? "not set" : "set")}", false),
        SocketException unreached => ($"the mail server cannot be reached ({unreached.SocketErrorCode}): check Mail.Server and Mail.Port, and whether it runs", false),
        ProtocolException => ("the mail server ended the connection, or does not speak SMTP there", false),
        _ => null,
    };

    private static (string Why, bool IsFinal) ExplainAnswer(SmtpCommandException refused)
    {
        var code = EnhancedCode().Match(refused.Message) is { Success: true } enhanced ? $"{(int)refused.StatusCode} {enhanced.Value}" : $"{(int)refused.StatusCode}";
        var isPermanent = (int)refused.StatusCode is >= 500 and < 600;
        return refused.ErrorCode switch
        {
            SmtpErrorCode.RecipientNotAccepted when isPermanent => ($"the mail server answered {code} to its recipient: there is no such address, or the server may not send there; where it is so for many, see its log and check Mail.User and Mail.From", true),
            SmtpErrorCode.MessageNotAccepted when isPermanent => ($"the mail server answered {code} to its text: see the server's log for what it does not like, and check Mail.From", true),
            SmtpErrorCode.SenderNotAccepted => ($"the mail server answered {code} to Mail.From: check that it may send for that address", false),
            _ => ($"the mail server answered {code}", false),
        };
    }

    // RFC 3463 §2, where an answer begins with one.
    [GeneratedRegex(@"^[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9.])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex EnhancedCode();
}
