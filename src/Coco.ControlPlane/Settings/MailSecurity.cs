namespace Coco.ControlPlane.Settings;

/// <summary>How the way to a mail server is kept from others.</summary>
internal enum MailSecurity
{
    /// <summary>TLS after the server's greeting (RFC 3207); a server that does not offer it gets nothing.</summary>
    StartTls,

    /// <summary>TLS from the first byte (RFC 8314 §3).</summary>
    Tls,

    /// <summary>Not at all.</summary>
    None,
}
