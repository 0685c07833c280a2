using System.Diagnostics;
using System.Globalization;
using System.Net;
using Coco.Crypto;
using Coco.Storage;

namespace Coco.Benchmarks.Mesh;

/// <summary>Many nodes of one network on this machine, in one process, each with sockets, threads and a store of its own.</summary>
internal sealed class MeshTown : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(20); // links that nobody wants go after 15 s

    private const int JoinTogether = 20; // chosen: well below what a sponsor serves at once

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coco-mesh-");
    private readonly IdentityKey _key = IdentityKey.Generate(); // a passphrase would take each store a quarter of a second
    private readonly List<Node> _nodes = [];
    private readonly int _size;
    private readonly int[] _ports; // kept, so that nodes that start find others where they were

    private MeshTown(int size) => (_size, _ports) = (size, new int[size]);

    /// <summary>Founds a network and lets so many nodes join, and stop again some time after.</summary>
    public static async Task<MeshTown> FoundAsync(int size, TimeSpan settle)
    {
        var town = new MeshTown(size);
        try
        {
            await town.FoundAsync(settle);
            return town;
        }
        catch
        {
            await town.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts all from their stores at once.</summary>
    public async Task<MeshFigures> StartAllAsync(TimeSpan idle)
    {
        var (managed, resident) = (GC.GetTotalMemory(forceFullCollection: true), Resident());
        using var sent = new SentMeter();
        var (start, startCpu) = (Stopwatch.GetTimestamp(), Processor());
        _nodes.AddRange(await Task.WhenAll(Enumerable.Range(0, _size).Select(number => Task.Run(() => Node.StartAsync(OptionsOf(number))))));
        await AllReachAllAsync();
        var (reached, cpu, bytes) = (Stopwatch.GetElapsedTime(start), Processor() - startCpu, sent.Bytes);

        await Task.Delay(Quiet);
        var (idlePackets, idleBytes) = (sent.Packets, sent.Bytes);
        await Task.Delay(idle);
        (idlePackets, idleBytes) = (sent.Packets - idlePackets, sent.Bytes - idleBytes);
        return new(
            reached, cpu, (double)bytes / _size, idlePackets / idle.TotalSeconds / _size, idleBytes / idle.TotalHours / _size,
            (double)(GC.GetTotalMemory(forceFullCollection: true) - managed) / _size, (double)(Resident() - resident) / _size);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAllAsync();
        _folder.Delete(recursive: true);
        _key.Dispose();
    }

    private async Task FoundAsync(TimeSpan settle)
    {
        _nodes.Add(await Node.CreateNetworkAsync(new() { Name = "town" }, OptionsOf(0)));
        // Some at once: one by one each newcomer would be told to all before the next, and 200 would take a minute and a half.
        foreach (var numbers in Enumerable.Range(1, _size - 1).Chunk(JoinTogether)) { _nodes.AddRange(await Task.WhenAll(numbers.Select(JoinAsync))); }
        await AllReachAllAsync();
        await Task.Delay(settle);
        for (var number = 0; number < _size; number++) { _ports[number] = _nodes[number].Host.LocalEndPoints[0].Port; }
        await StopAllAsync();
    }

    private async Task<Node> JoinAsync(int number)
    {
        var ticket = await _nodes[0].InviteAsync(new());
        return await Node.JoinAsync(ticket, OptionsOf(number));
    }

    private async Task AllReachAllAsync()
    {
        using var over = new CancellationTokenSource(Patience);
        await Task.WhenAll(_nodes.Select(node => node.WaitForAsync(self => self.Peers.Count(static peer => peer.IsReachable) >= _nodes.Count - 1, over.Token)));
    }

    private async Task StopAllAsync()
    {
        await Task.WhenAll(_nodes.Select(node => Task.Run(() => node.DisposeAsync().AsTask())));
        _nodes.Clear();
    }

    private NodeOptions OptionsOf(int number) => new()
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"house {number}"),
        App = new("town"),
        ListenAddresses = [new(IPAddress.Loopback, _ports[number])],
        DiscoverOnLan = false,
        StorePath = Path.Combine(_folder.FullName, string.Create(CultureInfo.InvariantCulture, $"{number}.store")),
        StoreKey = StoreKey.FromIdentity(_key),
    };

    private static TimeSpan Processor()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }

    private static long Resident()
    {
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
