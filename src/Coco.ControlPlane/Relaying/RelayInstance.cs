using System.Data.Common;
using System.Net;
using System.Security.Cryptography;
using System.Threading.Channels;
using Coco.ControlPlane.Certificates;
using Coco.ControlPlane.Networks;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;
using Coco.Crypto;
using Coco.Crypto.KeyFiles;
using Coco.Transport.Udp;
using Coco.Traversal;
using Coco.Traversal.Relays;
using Endpoint = Coco.Transport.Endpoint;

namespace Coco.ControlPlane.Relaying;

/// <summary>
/// The relay of an instance: an endpoint, the terms on which it serves whom, and what was used of it, which is written down now and then. A process that
/// is killed loses what it counted since.
/// </summary>
internal sealed partial class RelayInstance(
    Database database, RelayTermsTable terms, UsageStore usage, RelayInstances instances, NewsDesk news, CertificateInUse certificate, ControlPlaneSettings settings, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<RelayInstance> logger) : IHostedService, IAsyncDisposable
{
    private const int MaxNotices = 10_000; // chosen: beyond, reading all of it again is cheaper

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CleanInterval = TimeSpan.FromDays(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<string> _notices = Channel.CreateBounded<string>(MaxNotices);
    private readonly SemaphoreSlim _flushing = new(1);
    private readonly SemaphoreSlim _reading = new(1); // the table of terms is changed by one at a time
    private readonly string _run = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private IdentityKey? _key;
    private RelayRecords? _records;
    private Endpoint? _endpoint;
    private IDisposable? _listening;
    private Task _working = Task.CompletedTask;
    private UsageBatch? _batch;
    private long _lastBatch;
    private volatile bool _missedNotices;
    private readonly CancellationTokenSource _hurry = new(); // ends the patience with clients
    private readonly Lock _gate = new(); // guards the next
    private Task? _ending;
    private CancellationTokenRegistration _onStopping;
    private int _isDisposed;

    /// <summary>The relay; null where the settings ask for none, or it has not started.</summary>
    public Endpoint? Endpoint => _endpoint;

    /// <summary>Where others find the relay: as the settings say, or with the ports that the system chose.</summary>
    public RelayInfo? Info => _endpoint is { } endpoint ? new(endpoint.Id, [.. AddressesOf(endpoint).Where(static address => address.IsSendable).Take(RelayInfo.MaxAddresses)], settings.RelayUrl) : null;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var relaying = settings.Relaying;
        if (!relaying.IsOn) { return; }
        _listening = database.Listen(RelayNodes.Channel, HandleNotice);
        await terms.LoadAsync(cancellationToken);
        if (database.Kind is DatabaseKind.PostgreSql) { _records = new(database, terms, time, logger); }
        _key = OpenKey(relaying.KeyFile ?? Path.Combine(settings.DataDirectory, "relay.key"));
        _endpoint = await Endpoint.StartAsync(
            new()
            {
                Identities = [_key],
                ListenAddresses = [.. relaying.Listen.Select(IPEndPoint.Parse)],
                UseTcp = !relaying.Listen.Select(IPEndPoint.Parse).Any(settings.IsOfApi), // TCP is there for HTTPS, and for WebSockets by that
                WebSocketAddresses = [.. relaying.WebSocketListen.Select(IPEndPoint.Parse)],
                WebSocketCertificates = () => certificate.Context,
                RelayServer = ServerOptions(relaying),
                RelayPresence = _records,
                MaxConnections = relaying.MaxClients,
            },
            cancellationToken);
        if (_records is not null && Info is { } own && IsFound(own)) { await instances.SayAsync(own, cancellationToken); }
        _working = Task.WhenAll(AnswerAsync(_endpoint, _key), FollowTermsAsync(_endpoint), WriteUsageAsync(_endpoint));
        _onStopping = lifetime.ApplicationStopping.Register(() => _ = EndAsync());
        RelayingLog.Started(logger, _endpoint.Id.ToString(), terms.Count);
    }

    /// <summary>Serves a WebSocket that was asked for by the API's port; until it ends.</summary>
    /// <param name="remote">Who asked.</param>
    /// <param name="socket">The TCP socket, where it is known.</param>
    /// <param name="upgrade">Answers 101, and gives the stream that follows.</param>
    /// <returns>False where there are too many, and nothing was answered.</returns>
    public async Task<bool> ServeWebSocketAsync(IPEndPoint remote, System.Net.Sockets.Socket? socket, Func<CancellationToken, Task<Stream>> upgrade) =>
        _endpoint is { } endpoint && await endpoint.ServeWebSocketAsync(remote, socket, upgrade);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var hurrying = cancellationToken.Register(_hurry.Cancel);
        await EndAsync();
    }

    // From the first word that the instance stops on: the server of HTTP, which is stopped before this is, waits for clients whose WebSockets it holds.
    private Task EndAsync()
    {
        lock (_gate) { return _ending ??= Task.Run(DrainAsync); }
    }

    private async Task DrainAsync()
    {
        if (_endpoint is not { } endpoint || _stopping.IsCancellationRequested) { return; }
        try
        {
            await endpoint.DrainRelayAsync(settings.Relaying.DrainTime, await OthersAsync(_hurry.Token), _hurry.Token);
        }
        catch (OperationCanceledException)
        {
            // Those that are left are cut off now.
        }
        await _stopping.CancelAsync();
        await FlushLastAsync(endpoint);
        await endpoint.DisposeAsync();
        await _working;
        if (_records is not null) { await _records.DisposeAsync(); }
        RelayingLog.Stopped(logger, endpoint.Id.ToString());
    }

    // Where clients may go. Those of an instance that cannot ask find others by themselves, if they know any.
    private async Task<IReadOnlyList<RelayInfo>> OthersAsync(CancellationToken cancellationToken)
    {
        try
        {
            return Info is { } own && IsFound(own) && database.Kind is DatabaseKind.PostgreSql ? await instances.LeaveAsync(own, cancellationToken) : [];
        }
        catch (Exception exception) when (IsOfDatabase(exception))
        {
            RelayingLog.OthersNotRead(logger, exception);
            return [];
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) { return; } // services that are of two kinds are disposed of twice
        await _stopping.CancelAsync();
        _listening?.Dispose();
        if (_endpoint is not null) { await _endpoint.DisposeAsync(); }
        await _working;
        _key?.Dispose();
        await _onStopping.DisposeAsync();
        _hurry.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Writes down what was used so far; for tests, and before a figure is asked for that has to be exact.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _flushing.WaitAsync(cancellationToken);
        try
        {
            // One that may or may not have been written goes first, and as it was.
            if (_batch is not null) { await FlushBatchAsync(cancellationToken); }
            if (_endpoint is null || await _endpoint.TakeRelayUsageAsync(CancellationToken.None) is not { Count: > 0 } used) { return; }
            _batch = new(_run, ++_lastBatch, usage.Month, used);
            await FlushBatchAsync(cancellationToken);
        }
        finally
        {
            _flushing.Release();
        }
    }

    private async Task FlushBatchAsync(CancellationToken cancellationToken)
    {
        await usage.FlushAsync(_batch!, cancellationToken);
        _batch = null;
    }

    private RelayServerOptions ServerOptions(RelayingSettings relaying)
    {
        var options = new RelayServerOptions { Terms = terms, MetersUsage = true, MaxClients = relaying.MaxClients, Url = settings.RelayUrl };
        return relaying.ServesStrangers ? options with { JoinsNetworks = true, PerStranger = options.PerClient } : options;
    }

    private IEnumerable<NetworkAddress> AddressesOf(Endpoint endpoint) => settings.Relaying.Addresses is { Length: > 0 } told
        ? told.Select(static text => NetworkAddress.TryParse(text, out var address) ? address : default) // as the settings were checked
        : endpoint.LocalEndPoints.Select(static local => local.ToNetworkAddress());

    private static bool IsFound(RelayInfo relay) => relay.Addresses.Count > 0 || relay.Url is not null;

    private static IdentityKey OpenKey(string path)
    {
        if (!File.Exists(path))
        {
            using var made = IdentityKey.Generate();
            KeyFile.WriteUnattended(path, made);
        }
        return KeyFile.ReadUnattended(path);
    }

    // On the database's thread.
    private void HandleNotice(string notice)
    {
        if (!_notices.Writer.TryWrite(notice)) { _missedNotices = true; }
    }

    private async Task FollowTermsAsync(Endpoint endpoint)
    {
        try
        {
            await foreach (var notice in _notices.Reader.ReadAllAsync(_stopping.Token))
            {
                var isAll = notice == Database.Resynchronise || _missedNotices;
                if (isAll) { _missedNotices = false; }
                await UpdateTermsAsync(endpoint, isAll ? Database.Resynchronise : notice);
            }
        }
        catch (OperationCanceledException)
        {
            // The instance stops.
        }
    }

    private async Task UpdateTermsAsync(Endpoint endpoint, string notice)
    {
        while (true)
        {
            try
            {
                await _reading.WaitAsync(_stopping.Token);
                TermsChange change;
                try
                {
                    change = await terms.ApplyAsync(notice, _stopping.Token);
                }
                finally
                {
                    _reading.Release();
                }
                _records?.HandleTermsChanged(change.Nodes);
                if (change.Nodes.Count > 0 || change.Networks.Count > 0) { await endpoint.UpdateRelayTermsAsync(change.Nodes, change.Networks, _stopping.Token); }
                return;
            }
            catch (Exception exception) when (IsOfDatabase(exception))
            {
                RelayingLog.TermsNotRead(logger, exception);
                await Task.Delay(Retry, _stopping.Token);
            }
            catch (ObjectDisposedException)
            {
                return; // the endpoint is gone
            }
        }
    }

    private async Task WriteUsageAsync(Endpoint endpoint)
    {
        using var timer = new PeriodicTimer(settings.Relaying.FlushInterval);
        var (cleaned, said) = ((long?)null, (long?)null);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                try
                {
                    await FlushAsync(_stopping.Token);
                    if (terms.Month != usage.Month) { await UpdateTermsAsync(endpoint, Database.Resynchronise); } // a new month has begun
                    if (_records is null) { continue; } // one instance alone
                    if (Info is { } own && IsFound(own) && (said is not { } last || time.GetElapsedTime(last) >= RelayInstances.Interval))
                    {
                        await instances.SayAsync(own, _stopping.Token);
                        said = time.GetTimestamp();
                    }
                    if (cleaned is { } at && time.GetElapsedTime(at) < CleanInterval) { continue; }
                    await _records.ForgetStraysAsync(_stopping.Token);
                    cleaned = time.GetTimestamp();
                }
                catch (Exception exception) when (IsOfDatabase(exception))
                {
                    RelayingLog.FlushFailed(logger, exception, _batch?.Usage.Count ?? 0);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The instance stops.
        }
    }

    private async Task FlushLastAsync(Endpoint endpoint)
    {
        try
        {
            await FlushAsync(CancellationToken.None);
        }
        catch (Exception exception) when (IsOfDatabase(exception))
        {
            RelayingLog.UsageLost(logger, exception, (_batch?.Usage.Count ?? 0) + (await endpoint.TakeRelayUsageAsync(CancellationToken.None)).Count);
        }
    }

    private static bool IsOfDatabase(Exception exception) => exception is DbException or StorageException or TimeoutException or IOException;
}
