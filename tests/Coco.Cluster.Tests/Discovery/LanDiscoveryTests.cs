using Coco.Cluster.Discovery;
using Coco.Cluster.Tests.Invitations;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Discovery;

public sealed class LanDiscoveryTests
{
    [Fact]
    public void Members_find_each_other_within_a_second()
    {
        LanDiscovery[] nodes = [LanSamples.Start(1, 1), LanSamples.Start(1, 2), LanSamples.Start(1, 3)];
        new Lan(nodes).Run(TimeSpan.FromSeconds(1));

        for (var i = 0; i < 3; i++)
        {
            var found = Events(nodes[i]).OfType<LanEvent.Found>().ToArray();
            Assert.Equal(Enumerable.Range(1, 3).Where(n => n != i + 1).Select(n => InvitationSamples.Id(n)).Order(), found.Select(one => one.Node).Order());
            Assert.All(found, one => Assert.Equal(2u, one.Addresses[1].Scope)); // link-local addresses hold on the link they were heard on
        }
    }

    [Fact]
    public void A_member_of_another_network_is_a_stranger()
    {
        LanDiscovery[] nodes = [LanSamples.Start(1, 1), LanSamples.Start(9, 2)];
        new Lan(nodes).Run(TimeSpan.FromMinutes(5));

        Assert.All(nodes, node => Assert.Empty(Events(node)));
    }

    [Fact]
    public void Two_epochs_of_a_node_have_nothing_in_common_that_another_node_would_not_share()
    {
        var node = LanSamples.Start(1, 1);
        var other = LanSamples.Start(9, 2);
        var lan = new Lan(node, other);
        lan.Run(TimeSpan.FromMinutes(50));
        var first = Said(lan, 0);
        lan.Seen.Clear();
        lan.Run(TimeSpan.FromMinutes(100));
        var (second, others) = (Said(lan, 0), Said(lan, 1));

        var format = Windows(others, 3);
        var shared = Windows(first, 8).Intersect(Windows(second, 8), StringComparer.Ordinal);
        Assert.DoesNotContain(shared, window => Enumerable.Range(0, 6).All(at => !format.Contains(window.Substring(2 * at, 6))));
        Assert.Equal(others.Select(payload => payload.Length).Distinct(), second.Select(payload => payload.Length).Distinct());
        var id = new byte[NodeId.Size];
        InvitationSamples.Id(1).CopyTo(id);
        Assert.DoesNotContain(Convert.ToHexString(id.AsSpan(0, 6)), Windows(first, 6));
    }

    [Fact]
    public void A_new_name_is_still_the_same_member()
    {
        LanDiscovery[] nodes = [LanSamples.Start(1, 1), LanSamples.Start(1, 2)];
        var before = nodes[0].Instance;
        var lan = new Lan(nodes);
        lan.Run(TimeSpan.FromHours(3.5));

        Assert.NotEqual(before, nodes[0].Instance);
        Assert.Single(Events(nodes[1]));
        Assert.Equal(nodes[0].Instance, Assert.Single(nodes[1].Peers).Instance);
    }

    [Fact] // RFC 6762 §10.1
    public void Who_says_goodbye_is_gone_after_a_second()
    {
        LanDiscovery[] nodes = [LanSamples.Start(1, 1), LanSamples.Start(1, 2)];
        var lan = new Lan(nodes);
        lan.Run(TimeSpan.FromSeconds(10));
        Events(nodes[1]);
        nodes[0].Stop();
        lan.Run(TimeSpan.FromSeconds(10.9));
        Assert.Empty(Events(nodes[1]));
        lan.Run(TimeSpan.FromSeconds(11));

        Assert.Equal([new LanEvent.Gone(InvitationSamples.Id(1))], Events(nodes[1]));
    }

    [Fact]
    public void Who_falls_silent_is_gone_when_its_time_is_up()
    {
        LanDiscovery[] nodes = [LanSamples.Start(1, 1), LanSamples.Start(1, 2)];
        var lan = new Lan(nodes);
        lan.Run(TimeSpan.FromSeconds(10));
        Events(nodes[1]);
        lan.Silent.Add(0);
        lan.Run(TimeSpan.FromMinutes(80));

        Assert.Equal([new LanEvent.Gone(InvitationSamples.Id(1))], Events(nodes[1]));
    }

    [Fact] // RFC 6762 §5.2
    public void Queries_begin_a_second_apart_and_become_rare()
    {
        var node = LanSamples.Start(1, 1);
        var sent = new List<double>();
        while (node.Deadline < TimeSpan.FromHours(4))
        {
            var now = node.Deadline;
            node.HandleTimeout(now);
            while (node.TryTakeDatagram(out var datagram))
            {
                if (DnsMessage.TryDecode(datagram.Payload.Span, out var message) && !message.IsResponse) { sent.Add(now.TotalSeconds); }
            }
        }

        Assert.InRange(sent[0], 0.020, 0.120);
        var gaps = sent.Zip(sent.Skip(1), (a, b) => Math.Round(b - a)).ToArray();
        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600], gaps[..14].Select(gap => (int)gap));
    }

    [Fact] // RFC 6762 §7.1
    public void An_answer_the_asker_knows_is_not_given_again()
    {
        LanDiscovery[] nodes = [LanSamples.Start(1, 1), LanSamples.Start(1, 2)];
        var lan = new Lan(nodes);
        lan.Run(TimeSpan.FromSeconds(5));
        lan.Seen.Clear();
        lan.Run(TimeSpan.FromMinutes(30));

        Assert.NotEmpty(lan.Seen);
        Assert.All(lan.Seen, seen =>
        {
            Assert.True(DnsMessage.TryDecode(seen.Payload, out var message));
            Assert.False(message.IsResponse);
        });
    }

    [Fact] // RFC 6762 §6
    public void Whoever_asks_however_often_an_answer_comes_once_a_second_and_never_to_another_port()
    {
        var node = Settled();
        var query = new DnsMessage(false, [new(DnsName.Of("_coco", "_udp", "local"), DnsType.Ptr)], []).Encode();
        var answers = 0;
        for (var ms = 0; ms < 10_000; ms += 10)
        {
            var now = TimeSpan.FromSeconds(100) + TimeSpan.FromMilliseconds(ms);
            node.HandleDatagram(2, LanSamples.Address("192.0.2.77:5353"), query, now);
            node.HandleTimeout(now);
            while (node.TryTakeDatagram(out _)) { answers++; }
        }
        Assert.InRange(answers, 8, 10);

        var later = TimeSpan.FromSeconds(120);
        Drain(node, later);
        node.HandleDatagram(2, LanSamples.Address("192.0.2.77:40000"), query, later);
        node.HandleDatagram(2, LanSamples.Address("203.0.113.1:5353"), query, later); // from beyond the link, RFC 6762 §11
        Assert.True(node.Deadline > later + TimeSpan.FromSeconds(2));
    }

    [Fact] // RFC 6763 §9
    public void It_is_listed_among_the_services_of_the_link()
    {
        var node = Settled();
        var query = new DnsMessage(false, [new(DnsName.Of("_services", "_dns-sd", "_udp", "local"), DnsType.Ptr)], []).Encode();
        node.HandleDatagram(2, LanSamples.Address("192.0.2.77:5353"), query, TimeSpan.FromSeconds(100));
        node.HandleTimeout(TimeSpan.FromSeconds(101));

        Assert.True(node.TryTakeDatagram(out var datagram) && DnsMessage.TryDecode(datagram.Payload.Span, out var answer)
            && answer.Records.Any(record => record.Name.ToString() == "_services._dns-sd._udp.local" && record.Target?.ToString() == "_coco._udp.local"));
    }

    [Fact]
    public void Members_remembered_and_links_used_are_bounded()
    {
        var node = LanSamples.Start(1, 1, new() { MaxPeers = 2, MaxLinks = 1 });
        var others = Enumerable.Range(2, 4).Select(number => LanSamples.Start(1, number)).ToArray();
        new Lan([node, .. others]).Run(TimeSpan.FromSeconds(5));
        Assert.Equal(2, node.Peers.Count);

        node.HandleNetwork([LanSamples.Interface(1), LanSamples.Interface(1) with { InterfaceIndex = 3 }], [], TimeSpan.FromSeconds(6));
        node.HandleTimeout(TimeSpan.FromSeconds(7));
        var interfaces = new HashSet<int>();
        while (node.TryTakeDatagram(out var datagram)) { interfaces.Add(datagram.InterfaceIndex); }
        Assert.Single(interfaces);
    }

    [Fact]
    public void A_change_of_the_network_gives_another_name()
    {
        var node = LanSamples.Start(1, 1);
        var before = node.Instance;
        node.HandleNetwork([LanSamples.Interface(7)], [], TimeSpan.FromSeconds(5));

        Assert.NotEqual(before, node.Instance);
    }

    [Fact]
    public void What_is_sealed_cannot_be_changed_and_a_flood_does_no_harm()
    {
        var random = new Random(2);
        var member = LanSamples.Start(1, 2);
        member.HandleTimeout(TimeSpan.FromSeconds(1));
        var datagrams = new List<byte[]>();
        while (member.TryTakeDatagram(out var datagram)) { datagrams.Add(datagram.Payload.ToArray()); }
        var node = LanSamples.Start(1, 1);
        var count = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 300_000 : 20_000;
        for (var i = 0; i < count; i++)
        {
            var now = TimeSpan.FromMilliseconds(20 * i);
            node.HandleDatagram(2, LanSamples.Address("192.0.2.77:5353"), Mutation.Of(datagrams[i % datagrams.Count], random), now);
        }
        Assert.True(node.Peers.Count <= 1);
        Assert.All(Events(node).OfType<LanEvent.Found>(), found => Assert.Equal(InvitationSamples.Id(2), found.Node));
    }

    [Fact]
    public void A_burst_is_looked_at_and_the_rest_of_a_flood_is_not()
    {
        var node = LanSamples.Start(1, 1, new() { Burst = 10 });
        var member = LanSamples.Start(1, 2);
        member.HandleTimeout(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 10; i++) { node.HandleDatagram(2, LanSamples.Address("192.0.2.77:5353"), [1, 2, 3], TimeSpan.Zero); }
        while (member.TryTakeDatagram(out var datagram)) { node.HandleDatagram(2, LanSamples.Address("192.0.2.2:5353"), datagram.Payload.Span, TimeSpan.Zero); }

        Assert.Empty(Events(node));
    }

    [Fact]
    public void An_instance_is_known_to_its_network_only()
    {
        var nonce = Enumerable.Range(0, DiscoveryKey.NonceSize).Select(i => (byte)i).ToArray();
        var instance = LanSamples.Key(1).Blind(nonce);

        Assert.Equal(48, instance.Length);
        Assert.True(LanSamples.Key(1).TryRecognise(instance.ToUpperInvariant(), out var read));
        Assert.Equal(nonce, read);
        Assert.False(LanSamples.Key(2).TryRecognise(instance, out _));
        Assert.False(LanSamples.Key(1).TryRecognise((instance[0] == 'a' ? 'b' : 'a') + instance[1..], out _));
    }

    private static LanDiscovery Settled()
    {
        var node = LanSamples.Start(1, 1);
        Drain(node, TimeSpan.FromSeconds(99));
        return node;
    }

    private static void Drain(LanDiscovery node, TimeSpan until)
    {
        while (node.Deadline <= until) { node.HandleTimeout(node.Deadline); }
        while (node.TryTakeDatagram(out _))
        {
            // what was due
        }
    }

    private static byte[][] Said(Lan lan, int node) => [.. lan.Seen
        .Where(seen => seen.Node == node && DnsMessage.TryDecode(seen.Payload, out var message) && message.IsResponse)
        .Select(seen => seen.Payload)];

    private static HashSet<string> Windows(IEnumerable<byte[]> payloads, int length) => payloads
        .SelectMany(payload => Enumerable.Range(0, payload.Length - length).Select(at => Convert.ToHexString(payload.AsSpan(at, length))))
        .ToHashSet(StringComparer.Ordinal);

    private static List<LanEvent> Events(LanDiscovery node)
    {
        var all = new List<LanEvent>();
        while (node.TryTakeEvent(out var happened)) { all.Add(happened!); }
        return all;
    }
}
