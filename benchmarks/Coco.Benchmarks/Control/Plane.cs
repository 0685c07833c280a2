using System.Net;
using System.Net.Sockets;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tokens;
using Coco.Crypto;
using Coco.Crypto.KeyFiles;
using Coco.Transport.Udp;
using Coco.Traversal.Relays;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Benchmarks.Control;

/// <summary>A control plane of one or several instances on a database, with people who are signed in.</summary>
internal sealed class Plane : IAsyncDisposable
{
    // Whoever asks too often is refused, and a network has room for three nodes: here is measured what is beyond.
    private static readonly string[] Unlimited =
    [
        "--Rates:CallerPerSecond", "100000", "--Rates:AnonymousPerSecond", "100000",
        "--Relaying:Plans:free:Networks", "1000", "--Relaying:Plans:free:Nodes", "1000000", "--Relaying:Plans:free:BytesPerMonth", "1000000000000",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("coco-plane-").FullName;
    private readonly List<PlaneProcess> _instances = [];
    private readonly List<HttpClient> _clients = [];

    private Plane(string? postgres) => Location = postgres is null ? "sqlite:" + Path.Combine(_folder, "control.db") : "postgres:" + postgres;

    public string Location { get; }

    public string Folder => _folder;

    public IReadOnlyList<PlaneProcess> Instances => _instances;

    /// <summary>The instances, each by a client of its own.</summary>
    public IReadOnlyList<HttpClient> Clients => _clients;

    /// <summary>Makes one that has a database and no instance yet.</summary>
    /// <param name="postgres">The database's connection string; null for SQLite.</param>
    public static async Task<Plane> CreateAsync(string? postgres)
    {
        var plane = new Plane(postgres);
        try
        {
            ServerSecret.Open(plane.SecretFile, mayCreate: true).Dispose();
            await using var database = await plane.OpenAsync(DatabaseUse.Instance); // which makes the tables
            return plane;
        }
        catch
        {
            await plane.DisposeAsync();
            throw;
        }
    }

    public async Task<PlaneProcess> StartInstanceAsync(params string[] settings)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, $"instance{_instances.Count}")).FullName;
        var instance = await PlaneProcess.StartAsync(folder, ["--Database", Location, "--SecretFile", SecretFile, .. Unlimited, .. settings]);
        _instances.Add(instance);
        _clients.Add(new() { BaseAddress = instance.Address });
        return instance;
    }

    /// <summary>Starts an instance with a relay. Nodes that were admitted before are known to it when it serves.</summary>
    public async Task<(PlaneProcess Instance, RelayInfo Relay)> StartRelayAsync()
    {
        using var key = IdentityKey.Generate();
        var file = Path.Combine(_folder, $"relay{_instances.Count}.key");
        KeyFile.WriteUnattended(file, key);
        var address = new IPEndPoint(IPAddress.Loopback, FreePort());
        var instance = await StartInstanceAsync("--Relaying:Listen:0", $"{address}", "--Relaying:KeyFile", file, "--Relaying:DrainTime", "00:00:00");
        return (instance, new(key.Id, [address.ToNetworkAddress()]));
    }

    /// <summary>Makes nodes members of one network by rows alone.</summary>
    public async Task AdmitAsync(IEnumerable<IdentityKey> keys)
    {
        await using var database = await OpenAsync();
        await database.WriteAsync(
            async session =>
            {
                foreach (var key in keys) { await session.ExecuteAsync($"INSERT INTO relay_nodes (node, network) VALUES ({key.Id.ToString()}, {"one"})"); }
            },
            CancellationToken.None);
    }

    public Task<Database> OpenAsync(DatabaseUse use = DatabaseUse.Tool) => Database.OpenAsync(Location, NullLogger.Instance, use, CancellationToken.None);

    /// <summary>Makes people by their rows alone.</summary>
    public async Task<Person[]> AddPeopleAsync(int count)
    {
        await using var database = await OpenAsync();
        var now = DateTimeOffset.UtcNow;
        return await database.WriteAsync(
            async session =>
            {
                var people = new Person[count];
                for (var i = 0; i < count; i++)
                {
                    var id = Identifiers.New("acc");
                    await session.ExecuteAsync($"INSERT INTO accounts (id, email, created, version) VALUES ({id}, {id + "@example.org"}, {now}, 1)");
                    people[i] = new(id, (await TokenStore.IssueAsync(session, new(Identifiers.New("tok"), TokenKind.Session, id, null, null, [], now, now.AddDays(1)))).Text);
                }
                return people;
            },
            CancellationToken.None);
    }

    /// <summary>Makes somebody's app by its row alone.</summary>
    /// <returns>A token of the app's own.</returns>
    public async Task<string> AddAppAsync(Person owner)
    {
        await using var database = await OpenAsync();
        var (id, now) = (Identifiers.New("app"), DateTimeOffset.UtcNow);
        return await database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync($"INSERT INTO apps (id, owner_account, name, kind, created, version) VALUES ({id}, {owner.Account}, {"App"}, {"service"}, {now}, 1)");
                var token = new Token(Identifiers.New("tok"), TokenKind.Access, null, id, null, ["networks:read", "networks:write", "nodes:read", "nodes:write"], now, now.AddDays(1));
                return (await TokenStore.IssueAsync(session, token)).Text;
            },
            CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) { client.Dispose(); }
        await Task.WhenAll(_instances.Select(static instance => instance.DisposeAsync().AsTask()));
        Directory.Delete(_folder, recursive: true);
    }

    // For UDP and TCP: the relay takes both.
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private string SecretFile => Path.Combine(_folder, "secret");
}
