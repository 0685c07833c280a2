using System.Diagnostics;
using System.Net;
using Coco.Crypto;
using Coco.Transport;
using Coco.Transport.Udp;
using Coco.Traversal;
using Coco.Traversal.Relays;

namespace Coco.Tests.ControlPlanes;

/// <summary>This program as a process with one relay, until it is killed.</summary>
internal sealed class RelayChild : IAsyncDisposable
{
    public const string Argument = "--relay";

    private readonly Process _process;

    private RelayChild(Process process, RelayInfo info) => (_process, Info) = (process, info);

    public RelayInfo Info { get; }

    public static async Task<RelayChild> StartAsync(CancellationToken cancellationToken)
    {
        var self = Environment.ProcessPath!;
        string[] arguments = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [typeof(RelayChild).Assembly.Location, Argument] : [Argument];
        var process = Process.Start(new ProcessStartInfo(self, arguments) { RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false })!;
        var line = (await process.StandardOutput.ReadLineAsync(cancellationToken) ?? "").Split(' ');
        Assert.True(NodeId.TryParse(line[0], out var id) & NetworkAddress.TryParse(line[1], out var address));
        return new(process, new(id, [address]));
    }

    /// <summary>Ends it without a word to anybody.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    public static async Task<int> RunAsync()
    {
        using var key = IdentityKey.Generate();
        await using var relay = await Endpoint.StartAsync(new() { Identities = [key], ListenAddresses = [new(IPAddress.Loopback, 0)], RelayServer = new() });
        Console.WriteLine($"{relay.Id} {relay.LocalEndPoints[0].ToNetworkAddress()}");
        while (await Console.In.ReadLineAsync() is not null) { } // until nobody is left to kill it
        return 0;
    }
}
