using Coco.Crypto;
using Coco.Traversal.Links;
using Coco.Traversal.Stun;

namespace Coco.Traversal.Tests.Stun;

public sealed class NatProberTests
{
    private static readonly TimeSpan Interval = new NatProberOptions().Interval;

    private readonly NatWorld _world = new();

    public static TheoryData<string, string, bool> Kinds
    {
        get
        {
            var kinds = new TheoryData<string, string, bool>();
            foreach (var mapping in new[] { "None", "EndpointIndependent", "AddressDependent", "AddressAndPortDependent" })
            {
                foreach (var filtering in new[] { "EndpointIndependent", "AddressDependent", "AddressAndPortDependent" })
                {
                    kinds.Add(mapping, filtering, false);
                    kinds.Add(mapping, filtering, true);
                }
            }
            return kinds;
        }
    }

    [Theory, MemberData(nameof(Kinds))] // RFC 5780 §4.3, §4.4
    public void One_observer_with_two_addresses_tells_every_kind_of_NAT(string mapping, string filtering, bool hasSecondSocket)
    {
        (_world.Mapping, _world.Filtering) = (Enum.Parse<NatMapping>(mapping), Enum.Parse<NatFiltering>(filtering));
        if (hasSecondSocket) { _world.Prober.UseSecondSocket(NatWorld.Second, _world.Now); }

        _world.Start(_world.AddServer("198.51.100.10:3478", "198.51.100.11:3479"));

        Assert.Equal((mapping, filtering, true), (_world.Last.Mapping.ToString(), _world.Last.Filtering.ToString(), _world.Last.IsComplete));
        Assert.Equal(mapping == "None", _world.Last.PreservesPorts);
        Assert.True(_world.Sent <= 16, $"{_world.Sent} packets");
    }

    [Fact]
    public void The_mapped_address_is_known_after_one_round_trip()
    {
        var observer = _world.AddServer("198.51.100.10:3478");
        _world.Prober.SetObservers([observer], _world.Now);
        _world.ChangeNetwork();

        _world.Run(TimeSpan.FromMilliseconds(21));

        Assert.Equal("203.0.113.1:41000", _world.Last.MappedAddress.ToString());
        Assert.Equal([new ObservedAddress(observer, NatWorld.Outer.WithPort(41000), IsSuspicious: false)], _world.Last.MappedAddresses);
    }

    [Theory, InlineData("EndpointIndependent", "EndpointIndependent"), InlineData("AddressDependent", "AddressAndPortDependent")]
    public void Two_plain_observers_tell_a_constant_mapping_from_another_and_assume_the_worse(string mapping, string expected)
    {
        _world.Mapping = Enum.Parse<NatMapping>(mapping);

        _world.Start(_world.AddServer("198.51.100.10:3478"), _world.AddServer("198.51.100.20:3478"));

        Assert.Equal((expected, NatFiltering.Unknown), (_world.Last.Mapping.ToString(), _world.Last.Filtering));
    }

    [Fact]
    public void One_plain_observer_is_not_enough_for_a_class()
    {
        _world.Start(_world.AddServer("198.51.100.10:3478"));

        Assert.Equal((NatMapping.Unknown, false), (_world.Last.Mapping, _world.Last.PreservesPorts));
    }

    [Fact]
    public void A_kept_port_is_noticed()
    {
        _world.KeepsPorts = true;
        _world.Start(_world.AddServer("198.51.100.10:3478"), _world.AddServer("198.51.100.20:3478"));

        Assert.Equal((NatMapping.EndpointIndependent, true), (_world.Last.Mapping, _world.Last.PreservesPorts));
    }

    [Theory, InlineData(true, "Works"), InlineData(false, "Fails")] // RFC 4787 §6
    public void Hairpin_is_tried_with_a_second_socket(bool hasHairpin, string expected)
    {
        _world.HasHairpin = hasHairpin;
        _world.Prober.UseSecondSocket(NatWorld.Second, _world.Now);

        _world.Start(_world.AddServer("198.51.100.10:3478"));

        Assert.Equal(expected, _world.Last.Hairpin.ToString());
        Assert.Equal(hasHairpin, _world.Last.Evidence.Any(seen => seen.Kind is NatEvidenceKind.HairpinReceived));
    }

    [Fact]
    public void A_second_socket_that_is_taken_back_leaves_what_it_found()
    {
        _world.HasHairpin = true;
        _world.Prober.UseSecondSocket(NatWorld.Second, _world.Now);
        _world.Start(_world.AddServer("198.51.100.10:3478", "198.51.100.11:3479"));

        _world.Prober.ReleaseSecondSocket(NatWorld.Second.Number, _world.Now);
        _world.Prober.Refresh(_world.Now);
        _world.Run(TimeSpan.FromSeconds(10));

        Assert.Equal((NatHairpin.Works, NatFiltering.AddressAndPortDependent), (_world.Last.Hairpin, _world.Last.Filtering));
    }

    [Fact]
    public void Looking_again_does_not_take_a_filter_that_we_opened_for_an_open_one()
    {
        _world.Start(_world.AddServer("198.51.100.10:3478", "198.51.100.11:3479"));

        _world.Prober.Refresh(_world.Now);
        _world.Run(TimeSpan.FromSeconds(10));

        Assert.Equal((NatMapping.EndpointIndependent, NatFiltering.AddressAndPortDependent), (_world.Last.Mapping, _world.Last.Filtering));
    }

    [Fact]
    public void An_observer_whose_other_address_is_dead_says_nothing_about_filters()
    {
        var observer = _world.AddServer("198.51.100.10:3478", "198.51.100.11:3479");
        _world.Remove(NatWorld.Address("198.51.100.11:3479"));
        _world.Remove(NatWorld.Address("198.51.100.11:3478"));

        _world.Start(observer);

        Assert.Equal((NatFiltering.Unknown, NatMapping.Unknown), (_world.Last.Filtering, _world.Last.Mapping));
    }

    [Fact]
    public void Most_observers_are_believed_and_the_one_that_lies_is_named()
    {
        var liar = _world.AddServer("198.51.100.10:3478", "198.51.100.11:3479");
        _world.Lies[liar] = NatWorld.Address("203.0.113.66:666");

        _world.Start(liar, _world.AddServer("198.51.100.20:3478"), _world.AddServer("198.51.100.30:3478"));

        Assert.Equal((NatMapping.EndpointIndependent, "203.0.113.1:41000"), (_world.Last.Mapping, _world.Last.MappedAddress.ToString()));
        Assert.Contains(new(NatEvidenceKind.Disagrees, liar, NatWorld.Address("203.0.113.66:666")), _world.Last.Evidence);
    }

    [Theory, InlineData("192.168.1.10:5000"), InlineData("127.0.0.1:5000"), InlineData("10.0.0.1:5000")]
    public void What_the_internet_cannot_see_is_suspicious_and_does_not_count(string lie)
    {
        var liar = _world.AddServer("198.51.100.10:3478");
        _world.Lies[liar] = NatWorld.Address(lie);

        _world.Start(liar, _world.AddServer("198.51.100.20:3478"));

        Assert.Equal("203.0.113.1:41000", _world.Last.MappedAddress.ToString());
        Assert.True(_world.Last.MappedAddresses[0].IsSuspicious);
        Assert.Contains(new(NatEvidenceKind.Suspicious, liar, NatWorld.Address(lie)), _world.Last.Evidence);
    }

    [Fact]
    public void A_neighbour_sees_the_inner_address_and_that_is_not_the_outer_one()
    {
        var neighbour = _world.AddServer("192.168.1.20:3478");
        _world.Lies[neighbour] = NatWorld.Host.WithPort(5000); // no lie there

        _world.Start(neighbour, _world.AddServer("198.51.100.20:3478"));

        Assert.Equal(("203.0.113.1:41000", true), (_world.Last.MappedAddress.ToString(), _world.Last.MappedAddresses[0].IsSuspicious));
    }

    [Fact]
    public void Nobody_on_the_internet_sends_us_to_addresses_inside()
    {
        _world.Start(_world.AddServer("198.51.100.10:3478", "192.168.1.1:53"));

        Assert.Equal(1, _world.Sent);
    }

    [Fact]
    public void Where_nobody_answers_UDP_is_blocked_and_that_is_known_in_three_seconds()
    {
        _world.DropsAll = true;
        _world.Prober.SetObservers([_world.AddServer("198.51.100.10:3478"), _world.AddServer("198.51.100.20:3478")], _world.Now);
        _world.ChangeNetwork();

        _world.Run(TimeSpan.FromSeconds(3));

        Assert.True(_world.Last.IsUdpBlocked);
        Assert.Equal((null, 2), (_world.Last.MappedAddress, _world.Last.Evidence.Count(seen => seen.Kind is NatEvidenceKind.NoAnswer)));
    }

    [Fact]
    public void When_UDP_passes_again_everything_is_found_out()
    {
        _world.DropsAll = true;
        _world.Start(_world.AddServer("198.51.100.10:3478", "198.51.100.11:3479"));
        _world.DropsAll = false;

        _world.Run(TimeSpan.FromSeconds(30));

        Assert.Equal((false, NatMapping.EndpointIndependent, NatFiltering.AddressAndPortDependent), (_world.Last.IsUdpBlocked, _world.Last.Mapping, _world.Last.Filtering));
    }

    [Fact]
    public void A_look_that_finds_nothing_new_costs_one_request_for_each_observer()
    {
        _world.Start(_world.AddServer("198.51.100.10:3478", "198.51.100.11:3479"), _world.AddServer("198.51.100.20:3478"));
        var (sent, reports) = (_world.Sent, _world.Reports.Count);

        _world.Run(TimeSpan.FromHours(1));

        Assert.Equal(2 * 12, _world.Sent - sent);
        Assert.Equal(reports, _world.Reports.Count);
    }

    [Fact]
    public void A_NAT_that_forgot_us_is_noticed_once_and_looked_at_anew()
    {
        _world.Start(_world.AddServer("198.51.100.10:3478", "198.51.100.11:3479"), _world.AddServer("198.51.100.20:3478"));
        var before = _world.Last.MappedAddress;
        _world.Reboot();
        _world.Filtering = NatFiltering.AddressDependent;

        _world.Run(Interval);

        Assert.NotEqual(before, _world.Last.MappedAddress);
        Assert.Equal((1, NatMapping.EndpointIndependent, NatFiltering.AddressDependent), (_world.Last.Rebindings, _world.Last.Mapping, _world.Last.Filtering));
        Assert.Contains(_world.Last.Evidence, seen => seen.Kind is NatEvidenceKind.Rebound && seen.Address == before);
        // Not even between the first observer's new word and the second's.
        Assert.DoesNotContain(_world.Reports, report => report.Mapping is NatMapping.AddressAndPortDependent);
    }

    [Fact]
    public void A_symmetric_NAT_that_forgot_us_is_no_reason_to_look_deeper()
    {
        _world.Mapping = NatMapping.AddressAndPortDependent;
        _world.Start(_world.AddServer("198.51.100.10:3478", "198.51.100.11:3479"), _world.AddServer("198.51.100.20:3478"));
        var sent = _world.Sent;
        _world.Reboot();

        _world.Run(Interval);

        Assert.Equal(2, _world.Sent - sent);
        Assert.Equal(NatMapping.AddressAndPortDependent, _world.Last.Mapping);
    }

    [Fact]
    public void In_another_network_nothing_of_the_old_one_counts()
    {
        _world.Start(_world.AddServer("198.51.100.10:3478", "198.51.100.11:3479"));
        _world.Reboot();
        (_world.Mapping, _world.Filtering) = (NatMapping.AddressAndPortDependent, NatFiltering.EndpointIndependent);

        _world.ChangeNetwork("10.0.0.7:0");
        Assert.Null(_world.Prober.Ipv4);
        _world.Run(TimeSpan.FromSeconds(10));

        Assert.Equal((0, NatMapping.AddressAndPortDependent, NatFiltering.EndpointIndependent), (_world.Last.Rebindings, _world.Last.Mapping, _world.Last.Filtering));
    }

    [Fact]
    public void Without_an_address_of_a_family_nobody_is_asked_over_it()
    {
        _world.Prober.SetObservers([NatWorld.Address("[2001:db8::1]:3478")], _world.Now);
        _world.ChangeNetwork();
        _world.Run(Interval);

        Assert.Equal((0, 0), (_world.Sent, _world.Reports.Count));
        Assert.Null(_world.Prober.Deadline);
    }

    [Fact]
    public void The_families_are_looked_at_and_reported_apart()
    {
        NetworkAddress own = NatWorld.Address("[2001:db8::10]:0"), observer = NatWorld.Address("[2001:db8:1::1]:3478");
        var prober = new NatProber(new(), new SeededRandomSource(4));
        prober.SetObservers([NatWorld.Address("198.51.100.10:3478"), observer], TimeSpan.Zero);
        var socket = new LocalSocket(1, IsIpv4: true, IsIpv6: true, 5000);
        prober.HandleNetwork(new([socket], [new(NatWorld.Host, 24, 2, "eth0"), new(own, 64, 2, "eth0")]), TimeSpan.Zero);

        byte[] buffer = new byte[100], answer = new byte[StunServer.MaxAnswerLength];
        while (prober.TryTakeTransmit(buffer, TimeSpan.Zero, out var transmit))
        {
            if (transmit.Link.Remote != observer) { continue; } // IPv4 is blocked
            Assert.True(StunServer.TryAnswer(buffer.AsSpan(0, transmit.Length), own.WithPort(5000), new(observer), answer, out var length, out _));
            prober.HandleDatagram(transmit.Link, answer.AsSpan(0, length), TimeSpan.Zero);
        }
        for (var now = prober.Deadline!.Value; now < TimeSpan.FromSeconds(5); now = prober.Deadline!.Value)
        {
            prober.HandleTimeout(now);
            while (prober.TryTakeTransmit(buffer, now, out var _)) { }
        }
        while (prober.TryTakeReport(out var _)) { }

        Assert.Equal((true, NatMapping.Unknown), (prober.Ipv4?.IsUdpBlocked, prober.Ipv4?.Mapping));
        Assert.Equal((false, NatMapping.None, own.WithPort(5000)), (prober.Ipv6?.IsUdpBlocked, prober.Ipv6?.Mapping, prober.Ipv6?.MappedAddress));
    }

    [Fact]
    public void Only_as_many_observers_as_allowed_are_asked()
    {
        _world.Start([.. Enumerable.Range(1, 20).Select(i => _world.AddServer($"198.51.100.{i}:3478"))]);

        Assert.Equal((4, 4), (_world.Sent, _world.Last.MappedAddresses.Count));
    }
}
