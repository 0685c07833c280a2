using Coco.ControlPlane.Client;
using Coco.ControlPlane.Networks;
using Coco.Crypto;
using Microsoft.Extensions.DependencyInjection;

namespace Coco.ControlPlane.Tests.Networks;

public sealed class NetworkLogsTests(PostgreSqlServer server)
{
    [Fact]
    public async Task Nodes_are_created_and_listed_without_reading_the_log_again()
    {
        await using var plane = await TestPlane.StartAsync();
        using var developer = await Developer.CreateAsync(plane);
        var fleet = await developer.FoundAsync();
        var logs = plane.Host.Services.GetRequiredService<NetworkLogs>();
        var before = logs.Loads;

        for (var i = 0; i < 20; i++) { await fleet.CertifyAsync(Developer.Information(fleet.Network, $"node{i}")); }
        await developer.Client().ListNodesAsync(fleet.Network);

        Assert.Equal(before, logs.Loads);
    }

    [Fact]
    public async Task A_refused_statement_leaves_nothing_in_memory()
    {
        await using var plane = await TestPlane.StartAsync();
        using var developer = await Developer.CreateAsync(plane);
        var fleet = await developer.FoundAsync();
        using var node = IdentityKey.Generate();
        await fleet.CertifyAsync(Developer.Information(fleet.Network, "van", node));

        // As a transaction that fails after the statement was evaluated.
        await Assert.ThrowsAsync<InvalidOperationException>(() => plane.Database.WriteAsync<int>(
            async session =>
            {
                var log = new Cluster.Membership.MembershipLog(fleet.Network, new());
                foreach (var known in fleet.Log.CollectMissing([], [], int.MaxValue)) { log.Add(known); }
                var body = new Cluster.Statements.StatementBody.Revoke(
                    Cluster.Statements.RevokeKind.Node, Cluster.Statements.StatementBody.Revoke.SubjectOf(node.Id), default, Cluster.Statements.Keep.None);
                var statement = new Cluster.Membership.StatementAuthor(developer.Key, log).State(body, 1);
                await plane.Host.Services.GetRequiredService<NetworkChanges>().ApplyAsync(session, fleet.Network, [statement], mayFork: false);
                throw new InvalidOperationException("on purpose");
            },
            default));

        Assert.Equal("valid", (await developer.Client().GetNodeAsync(fleet.Network, node.Id)).Status);
        await fleet.RenameAsync(node.Id, "lorry");
    }

    [Fact]
    public async Task What_one_instance_took_holds_at_the_other_at_once()
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        await using var plane = await TestPlane.StartAsync(server);
        await using var second = await plane.StartSecondAsync();
        using var developer = await Developer.CreateAsync(plane);
        var fleet = await developer.FoundAsync();
        using var delegated = IdentityKey.Generate();
        var made = await fleet.DelegateAsync(delegated.Id);
        var other = developer.Client(address: second.Addresses[0]);
        var issuer = await developer.OpenAsync(fleet.Network, delegated, client: other);
        var node = await issuer.CertifyAsync(Developer.Information(fleet.Network, "van"));

        await fleet.RevokeDelegateAsync(made);

        Assert.Equal("officeClosed", (await other.GetNodeAsync(fleet.Network, NodeId.Parse(node.Node.Id))).Status);
        var refused = await Assert.ThrowsAsync<ControlPlaneException>(() => other.CreateNodeAsync(fleet.Network, new(node.Node.Certificate, "somebody")));
        Assert.Equal(ControlPlaneError.StatementRefused, refused.Code);
    }
}
