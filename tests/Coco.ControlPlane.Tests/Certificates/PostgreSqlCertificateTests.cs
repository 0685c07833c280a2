using System.Globalization;
using Coco.ControlPlane.Tests.Relaying;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Coco.ControlPlane.Tests.Certificates;

public sealed class PostgreSqlCertificateTests(PostgreSqlServer server) : CertificateTests(server)
{
    [Fact]
    public async Task Of_two_instances_one_asks_whichever_the_authority_comes_to_and_both_show_the_certificate()
    {
        await using var authority = await StartAuthorityAsync();
        // The first is where the authority does not come.
        var port = Pebble.FreePort();
        await using var plane = await StartAsync(authority, settings => settings with { Listen = [settings.Listen[0], string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{port}")] });
        await using var second = await ControlPlaneHost.StartAsync(
            plane.Settings with { Listen = [string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{authority.TlsPort}")] },
            builder =>
            {
                builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(plane.Time));
                builder.Logging.ClearProviders().AddProvider(plane.Log);
            });

        using var root = await authority.RootAsync();
        await RelayScene.UntilAsync(async () =>
        {
            // The first has asked before the second was there; its lease holds until it asks again.
            if (await StateAsync(plane) is { Problem: not null } state && state.Next > plane.Time.GetUtcNow()) { plane.Time.Advance(state.Next - plane.Time.GetUtcNow()); }
            var (one, other) = (await Pebble.LookAsync(port, Name, root), await Pebble.LookAsync(authority.TlsPort, Name, root));
            return one.IsGood && one == other;
        });

        Assert.Single(authority.Said.Split('\n'), static line => line.Contains("Issued certificate", StringComparison.OrdinalIgnoreCase));
    }
}
