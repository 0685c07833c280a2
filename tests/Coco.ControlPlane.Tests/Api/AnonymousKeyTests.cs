using Coco.ControlPlane.Client.Contracts.Invitations;
using Coco.ControlPlane.Tests.Networks;

namespace Coco.ControlPlane.Tests.Api;

/// <summary>Idempotency keys of those without a token, on either engine.</summary>
public abstract class AnonymousKeyTests(PostgreSqlServer? server) : IAsyncLifetime
{
    private TestPlane _plane = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(server is null || PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        _plane = await TestPlane.StartAsync(server);
    }

    public async ValueTask DisposeAsync()
    {
        if (_plane is not null) { await _plane.DisposeAsync(); }
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task One_that_another_has_taken_is_in_nobody_s_way()
    {
        using var developer = await Developer.CreateAsync(_plane);
        var fleet = await developer.FoundAsync();
        var invitation = await _plane.SendAsync<InvitationView>(
            "POST", $"/v1/networks/{fleet.Network}/invitations", developer.Token, new CreateInvitationRequest(_plane.Time.GetUtcNow().AddDays(1)));
        var (one, other) = (new CreateJoinRequest(Developer.Information(fleet.Network, "one"), "mac"), new CreateJoinRequest(Developer.Information(fleet.Network, "other"), "mac"));

        var first = await AskAsync(one);
        var second = await AskAsync(other);

        Assert.NotEqual(first, second);
        Assert.Equal((first, second), (await AskAsync(one), await AskAsync(other)));

        async Task<string> AskAsync(CreateJoinRequest request) =>
            (await _plane.SendAsync<JoinStateView>("POST", $"/v1/invitations/{invitation.Id}/requests", null, request, ("Idempotency-Key", "1"))).Id;
    }
}
