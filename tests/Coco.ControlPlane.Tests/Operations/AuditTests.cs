using Coco.ControlPlane.Client.Contracts.Invitations;
using Coco.ControlPlane.Commands;
using Coco.ControlPlane.Operations;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Tests.Networks;
using Coco.Crypto;
using Microsoft.Extensions.DependencyInjection;

namespace Coco.ControlPlane.Tests.Operations;

/// <summary>Who changed what, on either engine.</summary>
public abstract class AuditTests(PostgreSqlServer? server) : PlaneTests(server)
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Plane.Time.SetToNow(); // the program on the command line goes by that
    }

    private protected override ControlPlaneSettings Settings(ControlPlaneSettings settings) => settings with { AuditMemory = TimeSpan.FromDays(10) };

    [Fact]
    public async Task It_is_known_as_long_as_the_settings_say()
    {
        await AddAsync("one", 0);
        var housekeeping = Plane.Host.Services.GetRequiredService<Housekeeping>();

        Plane.Time.Advance(TimeSpan.FromDays(9.9));
        await housekeeping.SweepAsync(default);
        var before = await CountAsync();
        Plane.Time.Advance(TimeSpan.FromDays(0.2));
        await housekeeping.SweepAsync(default);

        Assert.Equal((1, 0), (before, await CountAsync()));
    }

    [Fact]
    public async Task An_operator_lists_it_by_days_and_words()
    {
        await AddAsync("old", -50);
        await AddAsync("app=100%_x", -30);
        await AddAsync("new", 0);

        var (code, day) = await RunAsync("audit");
        var (_, week) = await RunAsync("audit", "7");
        var (_, word) = await RunAsync("audit", "7", "100%_x");
        var (_, pattern) = await RunAsync("audit", "7", "%");
        var (_, none) = await RunAsync("audit", "7", "_e_");

        Assert.Equal((EntryPoint.Done, 1, 3, 1, 1, 0), (code, Lines(day).Length, Lines(week).Length, Lines(word).Length, Lines(pattern).Length, Lines(none).Length));
        Assert.EndsWith("account:ada deleteApp old", Lines(week)[0], StringComparison.Ordinal); // the newest last
        foreach (var words in (string[][])[["0"], ["ada"], ["1", "a", "b"]]) { Assert.Equal(EntryPoint.NotUnderstood, (await RunAsync(["audit", .. words])).Code); }

        static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [Fact]
    public async Task Asking_again_to_join_adds_nothing()
    {
        using var developer = await Developer.CreateAsync(Plane);
        using var key = IdentityKey.Generate();
        var fleet = await developer.FoundAsync();
        var invitation = await Plane.SendAsync<InvitationView>(
            "POST", $"/v1/networks/{fleet.Network}/invitations", developer.Token, new CreateInvitationRequest(Plane.Time.GetUtcNow().AddDays(1)));
        var request = new CreateJoinRequest(Developer.Information(fleet.Network, "van", key), "mac");
        async Task<string> AskAsync() => (await Plane.SendAsync<JoinStateView>("POST", $"/v1/invitations/{invitation.Id}/requests", null, request)).Id;

        var first = await AskAsync();
        var before = await CountAsync();
        for (var i = 0; i < 3; i++) { Assert.Equal(first, await AskAsync()); }

        Assert.Equal(before, await CountAsync());
        Assert.Equal(1, await Plane.Database.ReadAsync(static session => session.NumberAsync($"SELECT COUNT(*) FROM audit_events WHERE operation = {"createJoinRequest"}"), default));
    }

    private Task<int> AddAsync(string subject, double hours) => Plane.Database.WriteAsync(
        session => session.ExecuteAsync(
            $"INSERT INTO audit_events (id, at, caller, operation, subject) VALUES ({"evt_" + subject}, {Plane.Time.GetUtcNow().AddHours(hours)}, {"account:ada"}, {"deleteApp"}, {subject})"),
        default);

    private async Task<long> CountAsync() => await Plane.Database.ReadAsync(static session => session.NumberAsync($"SELECT COUNT(*) FROM audit_events"), default) ?? 0;

    private async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        var code = await EntryPoint.RunAsync([.. arguments, "--DataDirectory", Plane.Settings.DataDirectory, "--Database", Plane.Settings.DatabaseLocation], output, TextWriter.Null);
        return (code, output.ToString());
    }
}
