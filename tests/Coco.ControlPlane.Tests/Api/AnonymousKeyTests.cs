using Coco.ControlPlane.Client.Contracts.Invitations;
using Coco.ControlPlane.Tests.Networks;

namespace Coco.ControlPlane.Tests.Api;

/// <summary>Idempotency keys of those without a token, on either engine.</summary>
public abstract class AnonymousKeyTests(PostgreSqlServer? server) : PlaneTests(server)
{
    [Fact]
    public async Task One_that_another_has_taken_is_in_nobody_s_way()
    {
        using var developer = await Developer.CreateAsync(Plane);
        var fleet = await developer.FoundAsync();
        var invitation = await Plane.SendAsync<InvitationView>(
            "POST", $"/v1/networks/{fleet.Network}/invitations", developer.Token, new CreateInvitationRequest(Plane.Time.GetUtcNow().AddDays(1)));
        var (one, other) = (new CreateJoinRequest(Developer.Information(fleet.Network, "one"), "mac"), new CreateJoinRequest(Developer.Information(fleet.Network, "other"), "mac"));

        var first = await AskAsync(one);
        var second = await AskAsync(other);

        Assert.NotEqual(first, second);
        Assert.Equal((first, second), (await AskAsync(one), await AskAsync(other)));

        async Task<string> AskAsync(CreateJoinRequest request) =>
            (await Plane.SendAsync<JoinStateView>("POST", $"/v1/invitations/{invitation.Id}/requests", null, request, ("Idempotency-Key", "1"))).Id;
    }
}
