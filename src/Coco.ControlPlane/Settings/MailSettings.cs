using System.Net;
using Coco.ControlPlane.Mails;

namespace Coco.ControlPlane.Settings;

/// <summary>How mail is handed on: to a mail server where <see cref="Server"/> names one, else to a folder.</summary>
internal sealed record MailSettings
{
    /// <summary>The host name or address of a server that takes mail for others (RFC 6409). Default none: mail is written to <c>mail/</c> in the data directory.</summary>
    public string? Server { get; init; }

    /// <summary>Its port. From 1 to 65,535; default 587, 465 or 25 as <see cref="Security"/> is <c>StartTls</c>, <c>Tls</c> or <c>None</c>.</summary>
    public int? Port { get; init; }

    /// <summary><c>StartTls</c>, <c>Tls</c> from the first byte, or <c>None</c>. Never less than what is said here, whatever the server offers. Default <c>StartTls</c>.</summary>
    public MailSecurity Security { get; init; } = MailSecurity.StartTls;

    /// <summary>Whether mail and password may go to a server on another machine with no encryption, where <see cref="Security"/> is <c>None</c>. Default false.</summary>
    public bool AllowsPlaintext { get; init; }

    /// <summary>A PEM file with the authority that signed the server's certificate, where the system does not know it. It alone is believed then. Default none.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>Who signs in at the server. Default nobody.</summary>
    public string? User { get; init; }

    /// <summary>The user's password; better in the environment (<c>COCO_CONTROL__Mail__Password</c>) or in <see cref="PasswordFile"/> than in an argument, which others on the machine see.</summary>
    public string? Password { get; init; }

    /// <summary>A file with the user's password on one line, its owner's alone, instead of <see cref="Password"/>.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>The address that mail comes from. Default <c>no-reply</c> at the host of <see cref="ControlPlaneSettings.PublicUrl"/>, where that is a name.</summary>
    public string? From { get; init; }

    /// <summary>The name beside it. Visible ASCII, up to 64 characters, default <c>Coco</c>.</summary>
    public string FromName { get; init; } = "Coco";

    /// <summary>How long one mail may take, with connecting. From 1 to 30 seconds, default 20.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Connections to the server at once. From 1 to 16, default 4.</summary>
    public int MaxConnections { get; init; } = 4;

    /// <summary>The port that is connected to.</summary>
    public int EffectivePort => Port ?? Security switch { MailSecurity.Tls => 465, MailSecurity.None => 25, _ => 587 };

    public IEnumerable<string> Validate(string? publicUrl)
    {
        if (Timeout < TimeSpan.FromSeconds(1) || Timeout > TimeSpan.FromSeconds(30)) { yield return "Mail.Timeout is from 1 to 30 seconds."; }
        if (Server is null)
        {
            // Whoever set these believes that mail goes to a server.
            if (Port is not null || User is not null || Password is not null || PasswordFile is not null || AuthorityFile is not null) { yield return "Mail.Server is missing: name the mail server, or take the other settings of it away."; }
            yield break;
        }
        foreach (var wrong in ValidateServer().Concat(ValidateUser()).Concat(ValidateFrom(publicUrl))) { yield return wrong; }
    }

    /// <summary>The address that mail comes from.</summary>
    /// <param name="host">The host of the public URL.</param>
    /// <returns>Null where none is set and the host gives none.</returns>
    public EmailAddress? FromAt(string host) => EmailAddress.TryParse(From ?? "no-reply@" + host, out var address) && (From is not null || Uri.CheckHostName(host) is UriHostNameType.Dns) ? address : null;

    /// <summary>Reads the password from where it is.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public string ReadPassword() => Password ?? (PasswordFile is { } file ? File.ReadAllText(file).TrimEnd('\r', '\n') : "");

    /// <summary>Nothing of it: it may hold a password, and texts end in logs.</summary>
    public override string ToString() => nameof(MailSettings);

    private IEnumerable<string> ValidateServer()
    {
        if (Uri.CheckHostName(Server) is UriHostNameType.Unknown) { yield return $"Mail.Server: '{Server}' is no host name and no address. A port goes to Mail.Port."; }
        if (Port is < 1 or > 65_535) { yield return "Mail.Port is from 1 to 65,535."; }
        if (!Enum.IsDefined(Security)) { yield return "Mail.Security is StartTls, Tls or None."; }
        if (Security is MailSecurity.None && !AllowsPlaintext && !IsLoopback(Server!))
        {
            yield return $"Mail.Security None sends mail, and codes that open accounts with it, readable by everybody on the way to {Server}. Use StartTls or Tls, or say Mail.AllowsPlaintext true.";
        }
        if (MaxConnections is < 1 or > 16) { yield return "Mail.MaxConnections is from 1 to 16."; }
        if (AuthorityFile is { } authority && ProblemOf(authority) is { } problem) { yield return $"Mail.AuthorityFile: {problem}"; }
    }

    private IEnumerable<string> ValidateUser()
    {
        if (Password is not null && PasswordFile is not null) { yield return "Mail.Password and Mail.PasswordFile: one of them is enough."; }
        if (string.IsNullOrEmpty(User) != (string.IsNullOrEmpty(Password) && PasswordFile is null)) { yield return "Mail.User and Mail.PasswordFile (or Mail.Password) go together."; }
        if (PasswordFile is not { } file) { yield break; }
        if (!File.Exists(file)) { yield return $"Mail.PasswordFile: there is no file {file}."; }
        else if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0) { yield return $"Mail.PasswordFile: others may read {file}. Run `chmod 600 {file}`."; }
        else if (PasswordProblem(file) is { } problem) { yield return $"Mail.PasswordFile: {problem}"; }
    }

    private IEnumerable<string> ValidateFrom(string? publicUrl)
    {
        if (From is not null && !EmailAddress.TryParse(From, out _)) { yield return $"Mail.From: '{From}' is no address of mail. A name goes to Mail.FromName."; }
        else if (FromAt(Uri.TryCreate(publicUrl, UriKind.Absolute, out var url) ? url.Host : "") is null) { yield return "Mail.From is missing, and PublicUrl has no name from which to make it. Set the address that mail comes from."; }
        // RFC 5322 §2.2: it becomes a header.
        if (FromName.Length is 0 or > 64 || FromName.Any(static character => character is < ' ' or > '~')) { yield return "Mail.FromName is 1 to 64 characters of visible ASCII."; }
    }

    private static bool IsLoopback(string server) => server == "localhost" || (IPAddress.TryParse(server.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static string? PasswordProblem(string file)
    {
        try
        {
            var text = File.ReadAllText(file).TrimEnd('\r', '\n');
            return text.Length is > 0 and <= 1024 && !text.Any(char.IsControl) ? null : $"{file} is not one line with a password of up to 1,024 characters.";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }

    private static string? ProblemOf(string authority)
    {
        try
        {
            var certificates = new System.Security.Cryptography.X509Certificates.X509Certificate2Collection();
            certificates.ImportFromPemFile(authority);
            return certificates.Count > 0 ? null : $"{authority} has no certificate in PEM.";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            return $"{authority} cannot be read as PEM: {exception.Message}";
        }
    }
}
