using System.Globalization;
using System.Net;
using Coco.ControlPlane.Certificates;
using Coco.ControlPlane.Commands;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Tests.Relaying;

namespace Coco.ControlPlane.Tests.Certificates;

public sealed class SqliteCertificateTests() : CertificateTests(null)
{
    [Fact]
    public async Task Most_nonces_refused_delay_a_certificate_and_no_more()
    {
        await using var authority = await StartAuthorityAsync(nonceRejections: 60);
        await using var plane = await StartAsync(authority, static settings => settings);

        await ShownAsync(plane, authority);

        Assert.Null((await StateAsync(plane)).Problem);
    }

    [Fact]
    public async Task A_name_that_is_not_shown_to_be_ours_gets_none_and_is_told_why_and_people_are_served_all_the_same()
    {
        await using var authority = await StartAuthorityAsync();
        var elsewhere = Pebble.FreePort(); // the authority finds nobody where it looks
        await using var plane = await StartAsync(authority, settings => settings with { Listen = [settings.Listen[0], string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{elsewhere}")] });

        await RelayScene.UntilAsync(async () => (await StateAsync(plane)).Problem is not null);

        var state = await StateAsync(plane);
        Assert.Contains($"{Name} was not shown to be ours: ", state.Problem, StringComparison.Ordinal);
        Assert.Contains("See that the name leads to this control plane", state.Problem, StringComparison.Ordinal);
        Assert.InRange((state.Next - plane.Time.GetUtcNow()).TotalMinutes, 4, 7); // a refusal has a reason, and time
        await RelayScene.UntilAsync(async () => await plane.Http.GetStringAsync("/health/ready") == "Degraded\nThe certificate authority gives no certificate; see the log.");
        Assert.False((await Pebble.LookAsync(elsewhere, Name, null)).IsGood); // the one signed by itself
        Assert.Contains(plane.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains(state.Problem!, StringComparison.Ordinal));

        using var told = new StringWriter();
        Assert.Equal(EntryPoint.Done, await EntryPoint.RunAsync(["certificate", "--DataDirectory", plane.Settings.DataDirectory], told, TextWriter.Null));
        Assert.Contains("1 attempts failed", told.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await RunAsync(plane));
        Assert.Equal(EntryPoint.Done, await EntryPoint.RunAsync(["certificate", "renew", "--DataDirectory", plane.Settings.DataDirectory], TextWriter.Null, TextWriter.Null));
        await RelayScene.UntilAsync(async () =>
        {
            await RunAsync(plane);
            return await StateAsync(plane) is { Attempts: 1 } again && again.Next != state.Next && again.Next > plane.Time.GetUtcNow(); // another attempt, whose pause has begun anew
        });
    }

    [Fact]
    public async Task A_certificate_that_the_database_does_not_take_is_not_asked_for_again()
    {
        await using var authority = await StartAuthorityAsync();
        await authority.StopAsync();
        await using var plane = await StartAsync(authority, static settings => settings);
        await RelayScene.UntilAsync(async () => (await StateAsync(plane)).Problem is not null);
        await plane.Database.WriteAsync(static session => session.ExecuteAsync($"CREATE TRIGGER full BEFORE INSERT ON certificates BEGIN SELECT RAISE(ABORT, 'no room'); END"), default);
        await authority.RunAsync();
        plane.Time.Advance((await StateAsync(plane)).Next - plane.Time.GetUtcNow());
        await RelayScene.UntilAsync(() => plane.Log.Lines.Any(static line => line.Contains("the round failed", StringComparison.Ordinal) && line.Contains("no room", StringComparison.Ordinal)));

        for (var i = 0; i < 5; i++) { Assert.Equal(0, await RunAsync(plane)); }
        await plane.Database.WriteAsync(static session => session.ExecuteAsync($"DROP TRIGGER full"), default);
        plane.Time.Advance(TimeSpan.FromMinutes(5));
        await ShownAsync(plane, authority);

        Assert.Single(authority.Said.Split('\n'), static line => line.Contains("Issued certificate", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Another_challenge_is_answered_by_HTTP()
    {
        await using var authority = await StartAuthorityAsync();
        await using var plane = await StartAsync(authority, settings => settings with
        {
            Listen = [string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{authority.HttpPort}"), settings.Listen[1]],
            Acme = settings.Acme with { Challenge = AcmeSettings.Http },
        });

        await ShownAsync(plane, authority);

        using var none = await plane.Http.GetAsync(new Uri("/.well-known/acme-challenge/anything", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task An_authority_with_customers_of_its_own_gives_one_to_those_who_show_that_they_are()
    {
        const string Key = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
        await using var authority = await StartAuthorityAsync($$""", "externalAccountBindingRequired": true, "externalAccountMACKeys": { "kid-1": "{{Key}}" }""");
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, Key + "\n");
            await using (var stranger = await StartAsync(authority, static settings => settings))
            {
                await RelayScene.UntilAsync(async () => (await StateAsync(stranger)).Problem?.Contains("Set Acme.ExternalAccount", StringComparison.Ordinal) == true);
            }
            await using var plane = await StartAsync(authority, settings => settings with { Acme = settings.Acme with { ExternalAccount = "kid-1", ExternalAccountKeyFile = file } });

            await ShownAsync(plane, authority);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Who_does_not_agree_to_the_terms_gets_no_account_and_is_told_where_they_are()
    {
        await using var authority = await StartAuthorityAsync();
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        using var http = authority.Connect();
        var session = new AcmeSession(http, key, TimeProvider.System);
        await session.OpenAsync(authority.DirectoryUrl, default);

        var refused = await Assert.ThrowsAsync<AcmeException>(() => new AcmeClient(session, new() { Domains = [Name] }).OpenAccountAsync(default));

        Assert.Contains("terms of service are at data:text/plain", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Acme.AgreesToTerms", refused.Message, StringComparison.Ordinal);
    }
}
