using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Coco.ControlPlane.Operations;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Certificates;

/// <summary>Gets the certificate and renews it in time, one instance at a time. An attempt that fails is made again later and later, so that the authority is not pestered.</summary>
internal sealed class CertificateCourier(Database database, CertificateStore store, ControlPlaneSettings settings, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<CertificateCourier> logger)
    : Courier<CertificateState>(database, CertificateStore.Channel, time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5); // of one attempt, well below a lease

    // Chosen: an authority that is away may be back soon. One that refused has a reason; Let's Encrypt takes five failures an hour for a name.
    private static readonly TimeSpan FirstPauseAway = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(6);

    // What the database did not take: the authority is not to be asked again for that.
    private IssuedCertificate? _issued;
    private DateTimeOffset _quietUntil;

    protected override TimeSpan LeaseTime => TimeSpan.FromMinutes(10);

    protected override void Failed(Exception exception) => CertificateLog.RoundFailed(logger, exception);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!settings.Acme.IsOn) { return; }
        // The authority comes to look while it is asked.
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (lifetime.ApplicationStarted.Register(started.SetResult))
        {
            await started.Task.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await base.ExecuteAsync(stoppingToken);
    }

    protected override async Task<List<CertificateState>> DueAsync(Session session)
    {
        var state = await store.ReadAsync(session);
        var now = Time.GetUtcNow();
        return state.IsDue(now) && (_quietUntil <= now || _quietUntil > now + FirstPause) ? [state] : [];
    }

    protected override string KeyOf(CertificateState due) => CertificateStore.Channel; // there is one

    protected override async Task DeliverAsync(CertificateState due, CancellationToken cancellationToken)
    {
        _quietUntil = Time.GetUtcNow() + FirstPause; // a round that fails is tried again at once, and nothing is written down that holds it off
        try
        {
            var issued = _issued ??= await OrderAsync(cancellationToken);
            var (now, life) = (Time.GetUtcNow(), issued.Ends - issued.Begins);
            // Two thirds of its life, a little earlier or later, as many ask at the same hour; and never at once again, should our clock or theirs be wrong.
            var renew = issued.Begins + (life * (2.0 / 3)) - (life * (RandomNumberGenerator.GetInt32(0, 1000) / 40_000.0));
            await store.KeepAsync(issued, renew, now + (life / 10), cancellationToken);
            CryptographicOperations.ZeroMemory(issued.Key);
            _issued = null;
            CertificateMetrics.Issued();
            CertificateLog.Issued(logger, string.Join(' ', settings.Acme.Domains), issued.Ends, renew);
        }
        catch (AcmeException exception)
        {
            await KeepFailureAsync(due, exception, cancellationToken);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await KeepFailureAsync(due, new AcmeException($"The certificate authority did not finish within {Patience.TotalMinutes:0} minutes. It is asked again.", exception), cancellationToken);
        }
        _quietUntil = default;
    }

    private async Task KeepFailureAsync(CertificateState due, AcmeException exception, CancellationToken cancellationToken)
    {
        CertificateMetrics.Failed();
        var pause = (exception.IsAway ? FirstPauseAway : FirstPause) * Math.Pow(2, Math.Min(due.Attempts, 12));
        if (pause > LongestPause) { pause = LongestPause; }
        if (exception.RetryAfter is { } wanted && wanted > pause) { pause = wanted; }
        pause *= 1 + (RandomNumberGenerator.GetInt32(0, 1000) / 4000.0);
        var next = Time.GetUtcNow() + pause;
        if (due.Ends is { } ends && ends > Time.GetUtcNow()) { CertificateLog.NotRenewed(logger, exception.Message, ends, next); }
        else { CertificateLog.NotIssued(logger, exception.Message, next); }
        await store.KeepFailureAsync(exception.Message, next, cancellationToken);
    }

    private async Task<IssuedCertificate> OrderAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        var (key, url) = await store.OpenAccountAsync(patience.Token);
        using var held = key;
        using var http = Connect(settings.Acme);
        var session = new AcmeSession(http, key, Time) { Account = url };
        var client = new AcmeClient(session, settings.Acme);
        await session.OpenAsync(settings.Acme.Directory, patience.Token);
        if (url is null) { await store.SetAccountUrlAsync(await client.OpenAccountAsync(patience.Token), patience.Token); }
        try
        {
            return await client.OrderAsync(settings.Acme.Domains, store.PublishAsync, patience.Token);
        }
        catch (AcmeException exception) when (exception.Type == "accountDoesNotExist")
        {
            await store.SetAccountUrlAsync(null, patience.Token); // an authority that has lost it, as test authorities do
            throw;
        }
    }

    private static HttpClient Connect(AcmeSettings acme)
    {
        var ssl = new SslClientAuthenticationOptions();
        if (acme.RootFile is { } file)
        {
            ssl.CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            ssl.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(file);
        }
        // What is asked for is signed with its address: it is taken nowhere else.
        return new(new SocketsHttpHandler { SslOptions = ssl, AllowAutoRedirect = false, UseCookies = false, MaxResponseHeadersLength = 64 }) { Timeout = TimeSpan.FromSeconds(30) };
    }
}
