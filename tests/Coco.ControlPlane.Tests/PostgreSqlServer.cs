using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

[assembly: AssemblyFixture(typeof(Coco.ControlPlane.Tests.PostgreSqlServer))]

namespace Coco.ControlPlane.Tests;

/// <summary>A real PostgreSQL server for the whole run, in a folder of its own and on a free port of loopback; started when first asked for.</summary>
public sealed class PostgreSqlServer : IAsyncDisposable
{
    private static readonly string? Programs = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Select(folder => Path.Combine(folder, "bin")).LastOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")))
        : null;

    private readonly SemaphoreSlim _starting = new(1);
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "coco-pg-" + Guid.NewGuid().ToString("n")[..12]);
    private string? _connection;
    private int _port;
    private bool _isKilled;
    private int _databases;

    /// <summary>Further options of the server, as its command line has them; before it starts.</summary>
    internal string Options { get; init; } = "-c fsync=off"; // tests of crashes mostly kill the instance, not the server

    /// <summary>A folder for its data that is there already; it stays. Null for one of its own, where its log always is: a server that cannot write that ends.</summary>
    internal string? Place { get; init; }

    /// <summary>Whether the server's programs are there; a test without them is skipped.</summary>
    public static bool IsThere => Programs is not null;

    /// <summary>Makes an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        await _starting.WaitAsync();
        try
        {
            _connection ??= await StartAsync();
        }
        finally
        {
            _starting.Release();
        }
        var name = "test" + Interlocked.Increment(ref _databases).ToString(CultureInfo.InvariantCulture);
        await using var source = NpgsqlDataSource.Create(_connection + ";Database=postgres;Pooling=false");
        await using var command = source.CreateCommand($"CREATE DATABASE {name}");
        await command.ExecuteNonQueryAsync();
        return $"{_connection};Database={name};Maximum Pool Size=20";
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null && !_isKilled)
        {
            NpgsqlConnection.ClearAllPools();
            await RunAsync("pg_ctl", "-D", Data, "-m", "immediate", "stop");
        }
        if (Directory.Exists(_folder)) { Directory.Delete(_folder, recursive: true); }
        _starting.Dispose();
    }

    /// <summary>Ends the server and all of its processes as a machine that dies does: SIGKILL, nothing is written any more.</summary>
    internal async Task KillAsync()
    {
        var server = int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        // The server first, or it would begin to recover from the end of its children.
        foreach (var id in ChildrenOf(server).Prepend(server))
        {
            try
            {
                using var process = Process.GetProcessById(id);
                process.Kill();
                await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
            }
            catch (ArgumentException)
            {
                // It has ended by itself.
            }
        }
        _isKilled = true;
    }

    /// <summary>Starts it again on what is on disk, at the same port.</summary>
    internal async Task StartAgainAsync()
    {
        // Its processes may not be gone from the system's tables yet.
        for (var attempt = 1; _isKilled; attempt++)
        {
            try
            {
                await LaunchAsync();
                _isKilled = false;
            }
            catch (InvalidOperationException) when (attempt < 20)
            {
                await Task.Delay(250);
            }
        }
    }

    // proc(5): all that a program of one thread has started and that is there still.
    private static int[] ChildrenOf(int server) =>
        [.. File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{server}/task/{server}/children")).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(static id => int.Parse(id, CultureInfo.InvariantCulture))];

    private string Data => Path.Combine(Place ?? _folder, "data");

    private async Task<string> StartAsync()
    {
        Directory.CreateDirectory(_folder);
        if (Environment.IsPrivilegedProcess) { await RunPlainAsync("chown", ["postgres", _folder, .. Place is null ? (string[])[] : [Place]]); } // the server refuses to be root
        await RunAsync("initdb", ["-D", Data, "-A", "trust", "-U", "coco", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--waldir", Path.Combine(_folder, "wal")]);
        // Another program may take the port between choosing and listening.
        for (var attempt = 1; ; attempt++)
        {
            _port = FreePort();
            try
            {
                await LaunchAsync();
                return $"Host=127.0.0.1;Port={_port};Username=coco";
            }
            catch (InvalidOperationException) when (attempt < 5)
            {
            }
        }
    }

    private Task LaunchAsync() => RunAsync("pg_ctl", "-D", Data, "-w", "-t", "60", "-l", Path.Combine(_folder, "log"), "-o",
        $"-p {_port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={_folder} -c max_connections=200 {Options}", "start");

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static Task RunAsync(string program, params string[] arguments)
    {
        var path = Path.Combine(Programs!, program);
        return Environment.IsPrivilegedProcess
            ? RunPlainAsync("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", "--", path, .. arguments])
            : RunPlainAsync(path, arguments);
    }

    private static async Task RunPlainAsync(string program, params string[] arguments)
    {
        // The server inherits what it is started with: a pipe would stay open as long as it runs.
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = "/" };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("\"$@\" >/dev/null 2>&1 </dev/null");
        start.ArgumentList.Add("sh");
        start.ArgumentList.Add(program);
        foreach (var argument in arguments) { start.ArgumentList.Add(argument); }
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) { throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}"); }
    }
}
