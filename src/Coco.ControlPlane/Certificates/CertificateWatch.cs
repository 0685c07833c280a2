using System.Data.Common;
using System.Security.Cryptography;
using System.Threading.Channels;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Certificates;

/// <summary>Sees that this instance shows the newest certificate: the authority's, whichever instance got it, or that of the files, when those were replaced.</summary>
internal sealed class CertificateWatch(Database database, CertificateStore store, CertificateInUse shown, ControlPlaneSettings settings, TimeProvider time, ILogger<CertificateWatch> logger) : BackgroundService
{
    // For notices that were missed, and for files.
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private string? _chain;
    private DateTime _written;

    /// <summary>Looks once before the instance serves, so that nobody is shown less than there is.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (settings.CertificateFile is { } file) { _written = File.GetLastWriteTimeUtc(file); }
        await LookAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Looks whether there is another.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (settings.Acme.IsOn) { await LookInDatabaseAsync(cancellationToken); }
            else if (settings.CertificateFile is not null) { LookAtFiles(); }
        }
        catch (Exception exception) when (exception is DbException or StorageException or TimeoutException or IOException or UnauthorizedAccessException or CryptographicException)
        {
            CertificateLog.NotRead(logger, exception.Message); // the one that is shown stays
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!settings.Acme.IsOn && settings.CertificateFile is null) { return; }
        using var listening = database.Listen(CertificateStore.Channel, _ => _wake.Writer.TryWrite(true));
        while (!stoppingToken.IsCancellationRequested)
        {
            using var interval = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            interval.CancelAfter(Interval);
            try
            {
                await _wake.Reader.ReadAsync(interval.Token);
            }
            catch (OperationCanceledException)
            {
                // Nobody told of anything, or the instance stops.
            }
            if (!stoppingToken.IsCancellationRequested) { await LookAsync(stoppingToken); }
        }
    }

    private async Task LookInDatabaseAsync(CancellationToken cancellationToken)
    {
        var wanted = await database.ReadAsync(store.ReadAsync, cancellationToken);
        if (await store.FindShownAsync(cancellationToken) is var (name, state) && state.Chain != _chain)
        {
            var key = store.OpenKey(name, state.SealedKey!);
            shown.Use(CertificateInUse.Load(state.Chain!, PemEncoding.WriteString("PRIVATE KEY", key)));
            CryptographicOperations.ZeroMemory(key);
            _chain = state.Chain;
            CertificateLog.Shown(logger, state.Ends!.Value);
        }
        CertificateMetrics.Ends = wanted.Ends;
        shown.Problem = wanted switch
        {
            { Ends: null, Problem: null } => "The certificate authority has given no certificate yet.",
            { Ends: null } => "The certificate authority gives no certificate; see the log.",
            { Ends: { } ends } when ends <= time.GetUtcNow() => "The certificate is over; see the log.",
            { Problem: not null } => "The certificate is good still, and could not be renewed; see the log.",
            _ => null,
        };
    }

    private void LookAtFiles()
    {
        var written = File.GetLastWriteTimeUtc(settings.CertificateFile!);
        if (written == _written) { return; }
        var context = CertificateInUse.LoadFiles(settings.CertificateFile!, settings.CertificateKeyFile!);
        shown.Use(context);
        _written = written; // after, as one file may have been replaced before the other
        CertificateLog.Shown(logger, new(context.TargetCertificate.NotAfter.ToUniversalTime()));
    }
}
