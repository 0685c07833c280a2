using System.Globalization;
using Coco.ControlPlane.Certificates;
using Coco.ControlPlane.Relaying;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Tests.Relaying;
using Microsoft.Extensions.DependencyInjection;

namespace Coco.ControlPlane.Tests.Certificates;

/// <summary>Certificates that a real authority gives, on either database.</summary>
public abstract class CertificateTests(PostgreSqlServer? server)
{
    private protected const string Name = "control.example";

    private static readonly string[] Domains = [Name, "www.control.example"];

    [Fact]
    public async Task A_certificate_is_got_by_the_port_of_HTTPS_alone_and_shown_there_and_by_WebSockets_with_its_chain()
    {
        await using var authority = await StartAuthorityAsync();
        await using var plane = await StartAsync(authority, static settings => settings with { Relaying = new() { Listen = ["127.0.0.1:0"], WebSocketListen = ["127.0.0.1:0"], DrainTime = TimeSpan.Zero } });

        var first = await ShownAsync(plane, authority);
        Assert.Equal("Healthy", await plane.Http.GetStringAsync("/health/ready"));

        using var root = await authority.RootAsync();
        foreach (var name in Domains) { Assert.Equal((first, true), await Pebble.LookAsync(authority.TlsPort, name, root)); }
        var port = plane.Host.Services.GetRequiredService<RelayInstance>().Endpoint!.WebSocketEndPoints[0].Port;
        Assert.Equal((first, true), await Pebble.LookAsync(port, Name, root));
        Assert.Equal((first, false), await Pebble.LookAsync(authority.TlsPort, "other.example", root));
        var keys = await plane.Database.ReadAsync(static session => session.QueryAsync($"SELECT sealed FROM certificates UNION ALL SELECT sealed FROM acme_accounts", static row => row.Bytes("sealed")), default);
        Assert.Equal(2, keys.Count);
        using var key = System.Security.Cryptography.ECDsa.Create();
        Assert.All(keys, sealedKey => Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => key.ImportPkcs8PrivateKey(sealedKey, out _)));
        Assert.Equal(0, await plane.Database.ReadAsync(static session => session.NumberAsync($"SELECT COUNT(*) FROM certificate_challenges"), default));
    }

    [Fact]
    public async Task After_a_restart_the_certificate_is_the_same_and_at_two_thirds_of_its_life_another_is_shown_without_one_by_the_same_account()
    {
        await using var authority = await StartAuthorityAsync();
        await using var plane = await StartAsync(authority, static settings => settings);
        var first = await ShownAsync(plane, authority);

        await plane.RestartAsync();
        Assert.Equal(first, (await Pebble.LookAsync(authority.TlsPort, Name, null)).Thumbprint);
        var state = await StateAsync(plane);
        var life = state.Ends!.Value - state.Begins!.Value;
        Assert.InRange((state.Renew!.Value - state.Begins.Value) / life, 0.64, 0.667);
        plane.Time.Advance(state.Renew.Value - plane.Time.GetUtcNow() - TimeSpan.FromHours(1));
        Assert.Equal(0, await RunAsync(plane)); // not yet
        Assert.Equal(first, (await StateAsync(plane)).Chain is { } chain ? Thumbprint(chain) : null);
        plane.Time.Advance(TimeSpan.FromHours(2));
        await RunAsync(plane);
        await RelayScene.UntilAsync(async () => (await Pebble.LookAsync(authority.TlsPort, Name, null)).Thumbprint is var second && second != first && second == Thumbprint((await StateAsync(plane)).Chain!));

        // The authority's clock did not move, so that the new one is as old as the first: it is not asked for again and again.
        Assert.Equal(0, await RunAsync(plane));
        Assert.Equal(1, await plane.Database.ReadAsync(static session => session.NumberAsync($"SELECT COUNT(*) FROM acme_accounts WHERE url IS NOT NULL"), default));
        Assert.Contains("There are now 1 accounts in memory", authority.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("There are now 2 accounts in memory", authority.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_authority_is_away_the_old_certificate_is_shown_and_it_is_asked_ever_more_seldom()
    {
        await using var authority = await StartAuthorityAsync();
        await using var plane = await StartAsync(authority, static settings => settings);
        var first = await ShownAsync(plane, authority);
        await authority.StopAsync();
        plane.Time.Advance((await StateAsync(plane)).Renew!.Value - plane.Time.GetUtcNow() + TimeSpan.FromHours(1));

        var pauses = new List<double>();
        for (var i = 1; i <= 6; i++)
        {
            await RelayScene.UntilAsync(async () =>
            {
                await RunAsync(plane);
                return (await StateAsync(plane)).Attempts == i;
            });
            pauses.Add(((await StateAsync(plane)).Next - plane.Time.GetUtcNow()).TotalSeconds);
            Assert.Equal(0, await RunAsync(plane));
            plane.Time.Advance((await StateAsync(plane)).Next - plane.Time.GetUtcNow());
        }

        Assert.All(pauses.Index(), static pause => Assert.InRange(pause.Item, 29 << pause.Index, 38 << pause.Index));
        await RelayScene.UntilAsync(async () => (await plane.Http.GetStringAsync("/health/ready")).StartsWith("Degraded\nThe certificate is good still", StringComparison.Ordinal));
        Assert.Equal(first, (await Pebble.LookAsync(authority.TlsPort, Name, null)).Thumbprint);
        Assert.Contains(plane.Log.Lines, static line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("was not reached", StringComparison.Ordinal) && line.Contains("See Acme.Directory", StringComparison.Ordinal));

        // One that has lost its accounts comes back: the next attempt but one has a new account.
        await authority.RunAsync();
        await RelayScene.UntilAsync(async () =>
        {
            var state = await StateAsync(plane);
            if (state.Problem is not null) { plane.Time.Advance(TimeSpan.FromHours(7)); }
            await RunAsync(plane);
            return state.Problem is null;
        });
        await RelayScene.UntilAsync(async () => (await Pebble.LookAsync(authority.TlsPort, Name, null)).Thumbprint != first);
        await RelayScene.UntilAsync(async () => await plane.Http.GetStringAsync("/health/ready") == "Healthy");
    }

    private protected static Task<Pebble> StartAuthorityAsync(string options = "", int nonceRejections = 5) => Pebble.StartAsync(options, nonceRejections);

    private protected async Task<TestPlane> StartAsync(Pebble authority, Func<ControlPlaneSettings, ControlPlaneSettings> change)
    {
        Assert.SkipUnless(server is null || PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        var plane = await TestPlane.StartAsync(server, settings => change(settings with
        {
            Listen = ["http://127.0.0.1:0", string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{authority.TlsPort}")],
            Acme = new() { Domains = Domains, AgreesToTerms = true, Directory = authority.DirectoryUrl, RootFile = authority.RootFile, Email = "ada@example.org" },
        }));
        plane.Time.SetToNow();
        return plane;
    }

    /// <summary>Waits until the authority's certificate is shown.</summary>
    private protected static async Task<string> ShownAsync(TestPlane plane, Pebble authority)
    {
        using var root = await authority.RootAsync();
        var shown = (Thumbprint: "", IsGood: false);
        await RelayScene.UntilAsync(async () => (shown = await Pebble.LookAsync(authority.TlsPort, Name, root)).IsGood);
        return shown.Thumbprint;
    }

    private protected static Task<int> RunAsync(TestPlane plane) => plane.Host.Services.GetRequiredService<CertificateCourier>().RunOnceAsync(default);

    private protected static Task<CertificateState> StateAsync(TestPlane plane) => plane.Database.ReadAsync(plane.Host.Services.GetRequiredService<CertificateStore>().ReadAsync, default);

    private static string Thumbprint(string chain)
    {
        using var certificate = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(chain);
        return certificate.Thumbprint;
    }
}
