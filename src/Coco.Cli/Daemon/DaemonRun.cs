using Microsoft.Extensions.Logging;

namespace Coco.Cli.Daemon;

/// <summary>A daemon that runs: the folders, the key, the sockets, the nodes, the API. Disposed of in the other order.</summary>
internal sealed class DaemonRun : IAsyncDisposable
{
    private readonly List<IDisposable> _held = [];
    private HeldNodes? _nodes;
    private ApiServer? _server;
    private ILogger? _logger;

    private DaemonRun()
    {
    }

    public DaemonCore Core { get; private set; } = null!;

    /// <exception cref="CommandException">It cannot run, and why.</exception>
    public static async Task<DaemonRun> StartAsync(Shell shell, DaemonOptions options, bool isProtected, LogLevel level, CancellationToken cancellationToken)
    {
        var run = new DaemonRun();
        try
        {
            await run.BeginAsync(shell, options, isProtected, level, cancellationToken);
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _logger?.Down();
        if (_server is not null) { await _server.DisposeAsync(); }
        if (_nodes is not null) { await _nodes.DisposeAsync(); }
        for (var i = _held.Count - 1; i >= 0; i--) { _held[i].Dispose(); }
        _held.Clear();
    }

    private async Task BeginAsync(Shell shell, DaemonOptions options, bool isProtected, LogLevel level, CancellationToken cancellationToken)
    {
        var places = shell.Places;
        places.Prepare();
        _held.Add(DaemonLock.Take(places));
        DaemonLock.Sign(places);
        var key = StoreKeys.OpenOrMake(places.KeyFile, isProtected, shell);
        _held.Add(key);
        var log = new LogFile(places.LogFile, level);
        var loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(level).AddProvider(log));
        _held.Add(loggers);
        _logger = loggers.CreateLogger("Coco.Daemon");
        var host = await StartHostAsync(options, loggers, cancellationToken);
        var down = new CancellationTokenSource();
        _held.Add(down);
        _nodes = new(places, host, key, options, loggers);
        await _nodes.StartAllAsync(cancellationToken);
        Core = new(places, _nodes, AppTokens.Read(places.AppsFile), shell.Time, shell.Time.GetUtcNow(), down);
        try
        {
            _server = await ApiServer.StartAsync(Core, log, _logger);
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or UnauthorizedAccessException)
        {
            throw new CommandException(
                ExitCode.Failed,
                $"The socket {places.Socket} cannot be made: {Trouble.Say(exception)} Its path may have about 100 bytes; XDG_RUNTIME_DIR says where it is.", exception);
        }
        _logger.Up(CommandLine.Version, Environment.ProcessId, string.Join(", ", _nodes.Addresses));
    }

    private static async Task<CocoHost> StartHostAsync(DaemonOptions options, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        try
        {
            return await CocoHost.StartAsync(
                new() { ListenAddresses = options.Listen, Relays = options.Relays, MapPorts = options.MapsPorts, LoggerFactory = loggers }, cancellationToken);
        }
        catch (CocoException exception) when (exception.Code is CocoError.AddressUnavailable)
        {
            throw new CommandException(
                ExitCode.Failed, $"{Trouble.Sentence(exception.Message)} Another program uses the port: choose another with `--listen ADDRESS:PORT`, or port 0 for any that is free.", exception);
        }
    }
}
