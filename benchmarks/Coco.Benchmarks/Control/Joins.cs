using System.Globalization;
using Coco.Cluster;
using Coco.Cluster.Certificates;
using Coco.Cluster.Invitations;
using Coco.ControlPlane.Client;
using Coco.Crypto;

namespace Coco.Benchmarks.Control;

/// <summary>Newcomers that a developer's service admits to one network: certified by its key, uploaded, answered when they are on disk. Keys and signatures
/// of the newcomers are made before.</summary>
internal sealed class Joins(Report report, TimeSpan time, int concurrency)
{
    private const int MostPerSecond = 2000; // beyond the fastest that was seen: so many newcomers wait for their turn

    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(2);

    public async Task AddAsync(string name, string? postgres)
    {
        report.Progress.WriteLine($"joins on {name}, {concurrency} at once");
        await using var plane = await Plane.CreateAsync(postgres);
        var token = await plane.AddAppAsync((await plane.AddPeopleAsync(1))[0]);
        await plane.StartInstanceAsync();
        using var owner = IdentityKey.Generate();
        var client = new ControlPlaneClient(plane.Clients[0], _ => ValueTask.FromResult<string?>(token));
        using var authority = await NetworkAuthority.CreateAsync(client, owner, new() { Name = "fleet" });
        var newcomers = Enumerable.Range(0, (int)((Warm + time).TotalSeconds * MostPerSecond)).AsParallel().Select(i => Information(authority.Network, owner, i)).ToArray();
        var next = -1;

        await Load.RunAsync(concurrency, Warm, JoinAsync);
        var load = await Load.RunAsync(concurrency, time, JoinAsync);
        report.Add($"joins_per_second_{name}", load.PerSecond);
        report.Add($"join_p50_ms_{name}", load.P50);
        report.Add($"join_p99_ms_{name}", load.P99);
        report.Add($"joins_refused_percent_{name}", load.RefusedPercent);

        async Task<bool> JoinAsync(int number, CancellationToken cancellationToken)
        {
            try
            {
                await authority.CertifyAsync(newcomers[Interlocked.Increment(ref next)], cancellationToken: cancellationToken);
                return true;
            }
            catch (ControlPlaneException exception) when (exception.IsTransient)
            {
                return false;
            }
        }
    }

    private static string Information(NetworkId network, IdentityKey user, int number)
    {
        using var node = IdentityKey.Generate();
        var wish = new JoinWish(
            new(user.Id), NodeCertificate.Consent(user, network, node.Id), "node" + number.ToString(CultureInfo.InvariantCulture), new AppId("org.example.fleet"), IsDevice: false, IsGateway: false);
        return NodeInformation.Export(node, network, wish, null);
    }
}
