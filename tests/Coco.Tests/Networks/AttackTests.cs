using Coco.Cluster.Membership;
using Coco.Cluster.Mesh;
using Coco.Cluster.Statements;
using Coco.Hosting;

namespace Coco.Tests.Networks;

/// <summary>Hostile peers at real nodes: what they do is refused, the reason is in the log, and the others go on.</summary>
public sealed class AttackTests
{
    [Fact]
    public async Task A_stolen_guest_key_states_nothing_at_a_real_node_and_is_let_go()
    {
        await using var network = new TestNetwork();
        var log = new LogRecorder();
        var ada = await network.CreateAsync(change: options => options with { LoggerFactory = log });
        var thief = await HostileNode.StartAsync(network, ada);
        await using var connection = await thief.CallAsync(ada);
        var mesh = await thief.OpenMeshAsync(connection);
        var authority = thief.Log.State.OwnerAuthority;
        var act = Statement.Sign(thief.Keys.User, ada.Network, 0, default, authority, [], 1, new StatementBody.GrantRole(thief.Keys.UserId, Role.Admin, []));
        for (var i = 0; i < 8; i++) { await thief.SayAsync(mesh, MeshFrameType.Statements, [0, 0, .. HostileNode.WithLength(act.Encoded.Span)]); }

        var ended = await connection.Closed.WaitAsync(network.Patience);
        Assert.Equal((ulong)WireError.NotMember, ended.Code);
        Assert.Equal(8, log.Count(1316, $"{thief.Id}: statement refused: {Refusal.NotAuthorised}"));
        log.AssertSays(1302, thief.Id.ToString());
        Assert.NotEqual(Role.Admin, Assert.Single(ada.Peers).Role);

        // It is not heard again for a while, and others are.
        await using var again = await thief.CallAsync(ada);
        await thief.OpenMeshAsync(again);
        Assert.Equal((ulong)WireError.NotMember, (await again.Closed.WaitAsync(network.Patience)).Code);
        log.AssertSays(1319, "misbehaved");
        await network.JoinAsync(ada, "bob");
    }

    [Fact]
    public async Task A_removed_node_that_comes_back_with_its_key_and_certificate_stays_outside()
    {
        await using var network = new TestNetwork();
        var log = new LogRecorder();
        var ada = await network.CreateAsync();
        var bob = await network.JoinAsync(ada, "bob", change: options => options with { LoggerFactory = log });
        var removed = await HostileNode.StartAsync(network, ada);
        await network.AllSeeAsync(ada, bob);
        await ada.RemoveAsync(removed.Id, network.Patience);
        await bob.WaitForAsync(_ => log.Count(1306, removed.Id.ToString()) > 0, network.Patience);
        await using var connection = await removed.CallAsync(bob);
        await removed.OpenMeshAsync(connection);

        Assert.Equal((ulong)WireError.NotMember, (await connection.Closed.WaitAsync(network.Patience)).Code);
        log.AssertSays(1301, $"{removed.Id} disconnected: Removed");
        Assert.Equal(0, log.Count(1300, removed.Id.ToString()));
        Assert.DoesNotContain(removed.Id, bob.Peers.Select(static peer => peer.Id));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Bytes_that_are_no_frames_end_the_connection_and_nothing_else(bool isMember)
    {
        await using var network = new TestNetwork();
        var log = new LogRecorder();
        var ada = await network.CreateAsync(change: options => options with { LoggerFactory = log });
        var hostile = await HostileNode.StartAsync(network, isMember ? ada : null);
        await using var connection = await hostile.CallAsync(ada);
        var mesh = await hostile.OpenMeshAsync(connection);
        await mesh.WriteAsync(new byte[] { 5, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, network.Patience); // 2^62 - 1 bytes of advertisements

        Assert.Equal((ulong)WireError.Malformed, (await connection.Closed.WaitAsync(network.Patience)).Code);
        log.AssertSays(1456, $"{hostile.Id} let go: what came is no frame");
        await network.JoinAsync(ada, "bob");
    }

    [Fact] // a former member knows the identity, and there is no end of keys
    public async Task Strangers_who_hold_all_places_and_stall_keep_out_neither_joiners_nor_members()
    {
        await using var network = new TestNetwork();
        var log = new LogRecorder();
        var ada = await network.CreateAsync(change: options => options with { LoggerFactory = log });
        var hostile = await HostileNode.StartAsync(network);
        var held = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => hostile.CallAsync(ada)));
        foreach (var connection in held) { await hostile.OpenAsync(connection, StreamKind.Join); }

        var bob = await network.JoinAsync(ada, "bob");
        Assert.Contains(held, static connection => connection.Closed.IsCompleted);
        log.AssertSays(1455, $"{hostile.Id} turned away: too many");
        var more = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => hostile.CallAsync(ada)));
        await network.AllSeeAsync(ada, bob);
        await network.ExchangeAsync(bob, ada);
        Assert.Contains(more, static connection => !connection.Closed.IsCompleted);
    }

    [Fact]
    public async Task Of_twenty_joiners_with_one_ticket_one_wins()
    {
        await using var network = new TestNetwork();
        var log = new LogRecorder();
        var ada = await network.CreateAsync(change: options => options with { LoggerFactory = log });
        var ticket = await ada.InviteAsync(cancellationToken: network.Patience);
        async Task<CocoError?> TryAsync(int number)
        {
            try
            {
                network.Own(await Node.JoinAsync(ticket, TestNetwork.Options($"sybil{number}"), network.Patience));
                return null;
            }
            catch (CocoException exception)
            {
                return exception.Code;
            }
        }
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(TryAsync));

        Assert.Single(outcomes, static outcome => outcome is null);
        Assert.Equal(19, outcomes.Count(static outcome => outcome is CocoError.TicketUsed));
        Assert.Equal(1, log.Count(1310, ""));
        Assert.Single(ada.Peers);
        await network.JoinAsync(ada, "bob");
    }

    [Fact]
    public async Task A_member_that_opens_connections_without_end_meets_a_cap()
    {
        await using var network = new TestNetwork();
        var log = new LogRecorder();
        var ada = await network.CreateAsync(change: options => options with { LoggerFactory = log });
        var hostile = await HostileNode.StartAsync(network, ada);
        var calls = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => hostile.CallAsync(ada)));
        var ended = await Task.WhenAll(calls.Select(static call => call.Closed)).WaitAsync(network.Patience);

        Assert.Equal((8, 16), (ended.Count(static reason => reason.Code == (ulong)WireError.TooMany), ended.Count(static reason => reason.Code == (ulong)WireError.NotMember)));
        log.AssertSays(1455, $"{hostile.Id} turned away: it has too many connections");
    }
}
