using Coco.Cluster.Discovery;

namespace Coco.Scenarios.Tests.Discovery;

/// <summary>Multicast DNS through the kernel: sockets, groups and interfaces, where the simulated LAN has none.</summary>
public sealed class LanDiscoveryInLabTests
{
    [Fact]
    public async Task Members_on_one_switch_find_each_other_and_learn_when_one_leaves()
    {
        using var lan = new LabLan(2);
        await using var ada = new LabMember(lan.Hosts[0], key: 1, node: 1);
        await using var bob = new LabMember(lan.Hosts[1], key: 1, node: 2);

        var found = Assert.IsType<LanEvent.Found>(await ada.NextAsync());
        Assert.Equal(bob.Id, found.Node);
        Assert.Contains(found.Addresses, address => address.ToString() == "192.0.2.2:4000");
        Assert.Equal(ada.Id, Assert.IsType<LanEvent.Found>(await bob.NextAsync()).Node);

        await bob.DisposeAsync();
        Assert.Equal(new LanEvent.Gone(bob.Id), await ada.NextAsync());
    }

    [Fact]
    public async Task A_stranger_cannot_tie_two_epochs_to_each_other()
    {
        using var lan = new LabLan(3);
        await using var stranger = new LabMember(lan.Hosts[2], key: 9, node: 3);
        await using var ada = new LabMember(lan.Hosts[0], key: 1, node: 1);
        await using var bob = new LabMember(lan.Hosts[1], key: 1, node: 2);
        await bob.NextAsync();
        var (first, sent) = (ada.Instance, ada.Sent.Count);
        ada.MoveOn();
        await WaitAsync(() => ada.Instance != first && ada.Sent.Skip(sent).Count(payload => Contains(payload, ada.Instance)) >= 4);

        var (before, after, others) = (
            Said(ada.Sent.Take(sent)), Said(ada.Sent.Skip(sent).Where(payload => !Contains(payload, first))), Said(stranger.Sent));
        Assert.NotEmpty(after);
        // Nothing is in both epochs but what a node of another network says too; single letters of random names aside.
        var format = Windows(others, 3);
        var shared = Windows(before, 8).Intersect(Windows(after, 8), StringComparer.Ordinal);
        Assert.DoesNotContain(shared, window => Enumerable.Range(0, 6).All(at => !format.Contains(window.Substring(2 * at, 6))));
        Assert.Subset(others.Select(payload => payload.Length).ToHashSet(), after.Select(payload => payload.Length).ToHashSet());
        Assert.True(stranger.HasLearntNothing);
    }

    private static bool Contains(byte[] payload, string text) => payload.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(text)) >= 0;

    // What a node says of itself; its questions name others, too.
    private static byte[][] Said(IEnumerable<byte[]> sent) => [.. sent.Where(payload => DnsMessage.TryDecode(payload, out var message) && message.IsResponse)];

    private static HashSet<string> Windows(IEnumerable<byte[]> payloads, int length) => payloads
        .SelectMany(payload => Enumerable.Range(0, payload.Length - length).Select(at => Convert.ToHexString(payload.AsSpan(at, length))))
        .ToHashSet(StringComparer.Ordinal);

    private static async Task WaitAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition()) { await Task.Delay(20, patience.Token); }
    }
}
