using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Coco.ControlPlane.Settings;
using MailKit.Net.Smtp;
using MailKit.Security;

namespace Coco.ControlPlane.Mails;

/// <summary>Connections to the mail server: a few at once, each used again while there is mail.</summary>
internal sealed class SmtpConnections : IDisposable
{
    // Chosen: longer than a busy instance is without mail, much shorter than servers wait (RFC 5321 §4.5.3.2.7: five minutes).
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(10);

    private readonly MailSettings _settings;
    private readonly string _name;
    private readonly X509Certificate2Collection? _authority;
    private readonly SemaphoreSlim _room;
    private readonly Lock _lock = new(); // guards what follows
    private readonly Stack<(SmtpClient Client, long At)> _idle = [];
    private readonly Timer _sweep;
    private bool _isDisposed;

    /// <param name="settings">The server.</param>
    /// <param name="name">What this host calls itself (RFC 5321 §4.1.1.1).</param>
    public SmtpConnections(MailSettings settings, string name)
    {
        (_settings, _name, _room) = (settings, name, new(settings.MaxConnections));
        if (settings.AuthorityFile is { } file)
        {
            _authority = [];
            _authority.ImportFromPemFile(file);
        }
        _sweep = new(_ => Close(IdleTime), null, IdleTime, IdleTime);
    }

    /// <summary>Does something on a connection that is signed in. One on which it fails is closed.</summary>
    public async Task UseAsync(Func<SmtpClient, Task> work, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken);
        SmtpClient? client = null;
        try
        {
            client = await TakeAsync(cancellationToken) ?? await ConnectAsync(cancellationToken);
            await work(client);
            Return(client);
            client = null;
        }
        finally
        {
            client?.Dispose();
            _room.Release();
        }
    }

    public void Dispose()
    {
        lock (_lock) { _isDisposed = true; }
        _sweep.Dispose();
        Close(TimeSpan.Zero);
    }

    // One that is still alive; the server may have ended it meanwhile.
    private async Task<SmtpClient?> TakeAsync(CancellationToken cancellationToken)
    {
        while (Pop() is { } client)
        {
            try
            {
                await client.NoOpAsync(cancellationToken);
                return client;
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested) // whatever it says: there are others, or a new one
            {
                client.Dispose();
            }
            catch
            {
                client.Dispose();
                throw;
            }
        }
        return null;
    }

    private async Task<SmtpClient> ConnectAsync(CancellationToken cancellationToken)
    {
        var client = new SmtpClient
        {
            LocalDomain = _name,
            Timeout = (int)_settings.Timeout.TotalMilliseconds,
            // A list of revoked certificates that cannot be fetched would stop all mail, and one that can costs a request to somebody else.
            CheckCertificateRevocation = false,
            ServerCertificateValidationCallback = IsTrusted,
        };
        try
        {
            var options = _settings.Security switch { MailSecurity.Tls => SecureSocketOptions.SslOnConnect, MailSecurity.None => SecureSocketOptions.None, _ => SecureSocketOptions.StartTls };
            await client.ConnectAsync(_settings.Server!.Trim('[', ']'), _settings.EffectivePort, options, cancellationToken);
            if (!string.IsNullOrEmpty(_settings.User)) { await client.AuthenticateAsync(_settings.User, _settings.ReadPassword(), cancellationToken); }
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (_authority is null) { return errors is SslPolicyErrors.None; }
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0) { return false; } // another name
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(_authority);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.ApplicationPolicy.Add(new("1.3.6.1.5.5.7.3.1")); // RFC 5280 §4.2.1.12, id-kp-serverAuth
        if (chain is not null) { own.ChainPolicy.ExtraStore.AddRange(chain.ChainElements.Select(static element => element.Certificate).ToArray()); }
        using var copy = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return own.Build(copy);
    }

    private SmtpClient? Pop()
    {
        lock (_lock) { return _idle.TryPop(out var idle) ? idle.Client : null; }
    }

    private void Return(SmtpClient client)
    {
        lock (_lock)
        {
            if (!_isDisposed)
            {
                _idle.Push((client, Environment.TickCount64));
                return;
            }
        }
        client.Dispose();
    }

    private void Close(TimeSpan idleFor)
    {
        List<SmtpClient> old = [];
        lock (_lock)
        {
            var kept = _idle.Where(idle => Environment.TickCount64 - idle.At < idleFor.TotalMilliseconds).Reverse().ToArray();
            old.AddRange(_idle.Select(static idle => idle.Client).Except(kept.Select(static idle => idle.Client)));
            _idle.Clear();
            foreach (var idle in kept) { _idle.Push(idle); }
        }
        foreach (var client in old) { client.Dispose(); }
    }
}
