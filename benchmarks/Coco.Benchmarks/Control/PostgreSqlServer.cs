using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Coco.Benchmarks.Control;

/// <summary>A PostgreSQL server of its own for a run, as it is installed by default: what it has committed is on disk.</summary>
internal sealed class PostgreSqlServer : IAsyncDisposable
{
    private static readonly string? Programs = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Select(folder => Path.Combine(folder, "bin")).LastOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")))
        : null;

    private readonly string _folder = Directory.CreateTempSubdirectory("coco-pg-").FullName;
    private string _connection = "";
    private int _databases;

    private PostgreSqlServer()
    {
    }

    public static bool IsThere => Programs is not null;

    public static async Task<PostgreSqlServer> StartAsync()
    {
        var server = new PostgreSqlServer();
        try
        {
            await server.StartHereAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = "bench" + (++_databases).ToString(CultureInfo.InvariantCulture);
        await using var source = NpgsqlDataSource.Create(_connection + ";Database=postgres;Pooling=false");
#pragma warning disable CA2100 // a name of ours
        await using var command = source.CreateCommand("CREATE DATABASE " + name);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
        return $"{_connection};Database={name};Maximum Pool Size=40";
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection.Length > 0) { await RunAsync("pg_ctl", "-D", Data, "-m", "immediate", "stop"); }
        Directory.Delete(_folder, recursive: true);
    }

    private string Data => Path.Combine(_folder, "data");

    private async Task StartHereAsync()
    {
        if (Environment.IsPrivilegedProcess) { await RunPlainAsync("chown", "postgres", _folder); } // the server refuses to be root
        await RunAsync("initdb", "-D", Data, "-A", "trust", "-U", "coco", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync");
        // Another program may take the port between choosing and listening.
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort();
            try
            {
                await RunAsync("pg_ctl", "-D", Data, "-w", "-t", "60", "-l", Path.Combine(_folder, "log"), "-o",
                    $"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={_folder} -c max_connections=200", "start");
                _connection = $"Host=127.0.0.1;Port={port};Username=coco";
                return;
            }
            catch (InvalidOperationException) when (attempt < 5)
            {
            }
        }
    }

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
        string[] all = ["-c", "\"$@\" >/dev/null 2>&1 </dev/null", "sh", program, .. arguments];
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", all) { WorkingDirectory = "/", UseShellExecute = false })!;
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(90));
        if (process.ExitCode != 0) { throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}"); }
    }
}
