using Coco.Traversal.Relays;

namespace Coco.Traversal.Tests.Relays;

public sealed class RelayTermsTests
{
    private static readonly RelayQuota Plenty = RelayForwardingTests.Unlimited;

    private readonly ManualTerms _terms = new() { [1] = Of("one"), [2] = Of("one"), [3] = Of("two") };

    [Fact]
    public void Members_meet_members_of_their_network_and_strangers_and_no_others()
    {
        var rig = Rig();
        var (member, _, other) = (rig.Add(1), rig.Add(2), rig.Add(3));
        var (stranger, _) = (rig.Add(8), rig.Add(9));

        Assert.IsType<RelayMessage.Opened>(rig.TryOpen(member, RelayRig.PlainId(2)));
        Assert.IsType<RelayMessage.Opened>(rig.TryOpen(member, RelayRig.PlainId(8)));
        Assert.IsType<RelayMessage.Opened>(rig.TryOpen(stranger, RelayRig.PlainId(3)));
        Assert.Equal(RelayRefusal.Policy, Assert.IsType<RelayMessage.Refused>(rig.TryOpen(other, RelayRig.PlainId(1))).Reason);
        Assert.Equal(RelayRefusal.Policy, Assert.IsType<RelayMessage.Refused>(rig.TryOpen(stranger, RelayRig.PlainId(9))).Reason);
    }

    [Fact]
    public void Where_a_member_is_its_own_network_and_strangers_learn()
    {
        var terms = new NetworkOfSeeds();
        var rig = new RelayRig(new() { Terms = terms });
        var owner = rig.Server.AddClient(RelaySamples.Id(1), RelaySamples.Udp(1), rig.Now);
        rig.Say(owner, RelayRig.Registration(RelaySamples.Record(1, 5)));

        Assert.NotNull(Ask("one", 2));
        Assert.Null(Ask("two", 3));
        Assert.NotNull(Ask("", 4));

        Coco.Traversal.Records.AddressRecord? Ask(string network, int n)
        {
            terms.Asker = network;
            var asker = rig.Add(n);
            rig.Take(asker);
            rig.Say(asker, new RelayMessage.Resolve(1, RelaySamples.Id(1)));
            return Assert.IsType<RelayMessage.Found>(Assert.Single(rig.Take(asker))).Record;
        }
    }

    [Fact]
    public void A_stranger_has_a_tight_quota_and_whom_it_talks_to_pays()
    {
        _terms[1] = Of("one") with { PerNetwork = Plenty with { PacketsPerSecond = 10 } };
        var rig = Rig(options => options with { PerStranger = Plenty with { PacketsPerSecond = 7 } });
        var (sponsor, stranger) = (rig.Add(1), rig.Add(9));
        var (atStranger, atSponsor) = rig.Open(stranger, sponsor);

        Assert.Equal(7, Count(rig, atStranger, 20));
        Assert.Equal(3, Count(rig, atSponsor, 20)); // the rest of the network's ten
        Assert.Equal(
            [(RelayRig.PlainId(1), "one", 300), (RelayRig.PlainId(9), "one", 700)],
            rig.Server.TakeUsage().Select(use => (use.Client, use.Network, use.RelayedBytes)).OrderBy(use => use.RelayedBytes));
    }

    [Fact]
    public void Strangers_have_few_sessions()
    {
        var rig = Rig(options => options with { MaxSessionsPerStranger = 1 });
        rig.Add(1);
        rig.Add(3);
        var stranger = rig.Add(9);
        Assert.IsType<RelayMessage.Opened>(rig.TryOpen(stranger, RelayRig.PlainId(1)));
        Assert.Equal(RelayRefusal.Quota, Assert.IsType<RelayMessage.Refused>(rig.TryOpen(stranger, RelayRig.PlainId(3))).Reason);
    }

    [Fact]
    public void Who_joins_keeps_the_session_that_it_joined_by_and_pays_by_itself_from_then_on()
    {
        var rig = Rig();
        var (sponsor, joiner, other) = (rig.Add(3), rig.Add(9), rig.Add(1));
        var (atJoiner, _) = rig.Open(joiner, sponsor);
        var (_, atOther) = rig.Open(joiner, other);
        Assert.Equal(4, Count(rig, atJoiner, 4));

        _terms[9] = Of("two");
        rig.Server.HandleTermsChanged([RelayRig.PlainId(9)], [], rig.Now);
        Assert.Equal(5, Count(rig, atJoiner, 5));
        Assert.Equal(0, Count(rig, atOther, 1)); // a session with a member of the other network is over
        Assert.Equal(new RelayMessage.Closed(atOther, RelayCloseReason.PeerGone), rig.Take(other)[^1]);
        Assert.Equal([(RelayRig.PlainId(9), "two", 900L)], rig.Server.TakeUsage().Select(use => (use.Client, use.Network, use.RelayedBytes)));
    }

    [Fact]
    public void What_was_used_before_a_change_is_paid_by_whoever_paid_then()
    {
        var rig = Rig();
        var (a, b) = (rig.Add(1), rig.Add(2));
        var (atA, _) = rig.Open(a, b);
        Count(rig, atA, 4);
        _terms[1] = new();
        rig.Server.HandleTermsChanged([], ["one"], rig.Now);
        Count(rig, atA, 1);
        _terms[2] = new();
        rig.Server.HandleTermsChanged([RelayRig.PlainId(2)], [], rig.Now); // two strangers now
        Assert.Equal(0, Count(rig, atA, 1));
        Assert.Equal([(RelayRig.PlainId(1), "one", 500L)], rig.Server.TakeUsage().Select(use => (use.Client, use.Network, use.RelayedBytes)));
    }

    [Fact]
    public void Who_is_refused_is_cut_off_and_told_why_at_once_or_when_terms_change()
    {
        _terms[1] = new() { Refusal = "The network was deleted." };
        var rig = Rig();
        rig.Server.AddClient(RelayRig.PlainId(1), RelaySamples.Udp(1), rig.Now);
        Assert.True(rig.Server.TryTakeDisconnect(out var refused, out var reason, out var text));
        Assert.Equal((RelayDisconnect.Refused, "The network was deleted."), (reason, text));
        rig.Server.RemoveClient(refused, rig.Now);

        var (a, b) = (rig.Add(2), rig.Add(9));
        var (_, atB) = rig.Open(a, b);
        _terms[2] = new() { Refusal = "The node was removed." };
        rig.Server.HandleTermsChanged([RelayRig.PlainId(2), RelayRig.PlainId(77)], ["none"], rig.Now);
        Assert.Equal(new RelayMessage.Closed(atB, RelayCloseReason.PeerGone), Assert.Single(rig.Take(b)));
        Assert.Equal([(a, RelayDisconnect.Refused)], rig.Disconnects);
    }

    [Fact]
    public void A_network_that_used_up_its_allowance_trickles_and_is_at_full_rate_as_soon_as_terms_say_so()
    {
        _terms[1] = Of("one") with { NetworkBytesLeft = 1000 };
        _terms[2] = Of("one") with { NetworkBytesLeft = 1000 };
        var rig = Rig(options => options with { PerNetwork = Plenty with { BytesPerSecondBeyond = 64_000, Burst = TimeSpan.FromSeconds(1) } });
        var (a, b) = (rig.Add(1), rig.Add(2));
        var (atA, atB) = rig.Open(a, b);
        Assert.Equal(10 + 640, Count(rig, atA, 2000)); // the allowance, and a second's burst of the trickle
        var passed = 0;
        for (var i = 0; i < 100; i++) // ten seconds, both directions: one trickle for all
        {
            rig.Now += TimeSpan.FromMilliseconds(100);
            passed += Count(rig, i % 2 == 0 ? atA : atB, 200);
        }
        Assert.Equal(6400, passed);

        // Control messages go on, and no session has been cut.
        rig.Say(a, new RelayMessage.Resolve(9, RelayRig.PlainId(2)));
        Assert.IsType<RelayMessage.Found>(Assert.Single(rig.Take(a)));
        Assert.Equal((1, 0L), (rig.Server.Statistics.Sessions, rig.Server.Statistics.Dropped[(int)RelayDropReason.NetworkMonth]));

        // Connecting again brings nothing back; other terms do, at once.
        rig.Server.RemoveClient(a, rig.Now);
        a = rig.Add(1);
        (atA, _) = rig.Open(a, b);
        Assert.Equal(0, Count(rig, atA, 1));
        _terms[1] = Of("one") with { NetworkBytesLeft = 100_000 };
        _terms[2] = Of("one") with { NetworkBytesLeft = 100_000 };
        rig.Server.HandleTermsChanged([], ["one"], rig.Now);
        Assert.Equal(1000, Count(rig, atA, 1000));
        Assert.Equal(0, Count(rig, atA, 1));
    }

    [Fact]
    public void Each_byte_is_in_one_taking_whoever_leaves_meanwhile()
    {
        var random = new Random(31);
        var rig = Rig();
        for (var n = 1; n <= 12; n++) { _terms[n] = n == 12 ? new() : Of($"{n % 2}"); }
        var clients = Enumerable.Range(0, 13).Select(n => n == 0 ? -1 : rig.Add(n)).ToArray();
        var taken = new Dictionary<string, long>();
        var sent = new Dictionary<string, long>();
        for (var i = 0; i < 3000; i++)
        {
            var (from, to) = (random.Next(1, 13), random.Next(1, 13));
            if (from == to) { continue; }
            rig.Now += TimeSpan.FromSeconds(1);
            if (rig.TryOpen(clients[from], RelayRig.PlainId(to)) is RelayMessage.Opened opened)
            {
                var payer = $"{(from == 12 ? to : from) % 2}";
                sent[payer] = sent.GetValueOrDefault(payer) + (100L * Count(rig, opened.Session, random.Next(20)));
            }
            if (random.Next(10) == 0)
            {
                rig.Server.RemoveClient(clients[from], rig.Now);
                clients[from] = rig.Add(from);
            }
            if (random.Next(50) == 0) { Take(); }
        }
        Take();
        Assert.Equal(sent.OrderBy(one => one.Key), taken.OrderBy(one => one.Key));
        Assert.Equal(rig.Server.Statistics.Bytes, taken.Values.Sum());
        Assert.Empty(rig.Server.TakeUsage());

        void Take()
        {
            foreach (var use in rig.Server.TakeUsage()) { taken[use.Network] = taken.GetValueOrDefault(use.Network) + use.RelayedBytes; }
        }
    }

    [Fact]
    public void Beyond_the_cap_names_are_lost_and_no_bytes()
    {
        var rig = new RelayRig(new() { MetersUsage = true, MaxUsageEntries = 1000, PerClient = Plenty });
        for (var n = 1; n <= 3000; n++)
        {
            var client = rig.Server.AddClient(RelayRig.PlainId(n), RelaySamples.Udp(n), rig.Now, new RelayTerms { Network = $"{n}" });
            rig.Server.CountControl(client, 10);
        }
        var usage = rig.Server.TakeUsage();
        Assert.InRange(usage.Count, 1000, 2001);
        Assert.Equal(30_000, usage.Sum(use => use.ControlBytes));
        Assert.Equal(1000, usage.Count(use => !use.Client.IsDefault));
    }

    [Fact]
    public void Metering_allocates_nothing_for_a_datagram()
    {
        var rig = Rig();
        var (atA, _) = rig.Open(rig.Add(1), rig.Add(2));
        var data = RelayRig.Datagrams(1000, atA, atA, atA, atA);
        Forward(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Forward(1000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Forward(int batches)
        {
            for (var i = 0; i < batches; i++)
            {
                RelayDatagram.WriteHeader(data, atA);
                rig.Server.HandleDatagrams(RelaySamples.Udp(1), data, 1000, rig.Now);
                while (rig.Server.TryTakeForward(out _, out _)) { }
            }
        }
    }

    private static RelayTerms Of(string network) => new() { Network = network };

    private RelayRig Rig(Func<RelayServerOptions, RelayServerOptions>? change = null) => new((change ?? (options => options))(
        new() { Terms = _terms, MetersUsage = true, PerClient = Plenty, PerNetwork = Plenty, PerStranger = Plenty, OpensPerSecond = 1000, MessagesPerSecond = 1000 }));

    // How many of so many datagrams of 100 bytes pass.
    private static int Count(RelayRig rig, ulong session, int datagrams)
    {
        var sessions = new ulong[datagrams];
        Array.Fill(sessions, session);
        return rig.Forward(RelaySamples.Udp(1), RelayRig.Datagrams(100, sessions), 100).Sum(run => run.Bytes.Length) / 100;
    }

    private sealed class NetworkOfSeeds : IRelayTerms
    {
        public string Asker { get; set; } = "";

        public RelayTerms TermsOf(Coco.Crypto.NodeId client) => Of(client == RelaySamples.Id(1) ? "one" : Asker);
    }
}
