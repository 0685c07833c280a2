using Coco.Traversal.PortMapping;
using Coco.Traversal.PortMapping.NatPmp;
using Coco.Traversal.PortMapping.Pcp;

namespace Coco.Traversal.Tests.PortMapping;

/// <summary>PCP and NAT-PMP, and which protocol is taken, in virtual time.</summary>
public sealed class PortMapperTests
{
    private static readonly WantedMapping Udp = new(MappedTransport.Udp, 6000);
    private static readonly WantedMapping Tcp = new(MappedTransport.Tcp, 6001);

    [Fact]
    public void A_router_that_speaks_everything_is_asked_by_PCP_alone()
    {
        var drive = new MapperDrive(new() { SpeaksPcp = true, SpeaksNatPmp = true, SpeaksUpnp = true }, null, Udp, Tcp);
        drive.RunFor(TimeSpan.FromMinutes(1));

        Assert.Equal(2, drive.Sent.Count);
        Assert.Empty(drive.Requests);
        Assert.Equal(["203.0.113.1:6000", "203.0.113.1:6001"], drive.Mapper.Mappings.Select(one => one.External.ToString()));
        Assert.All(drive.Mapper.Mappings, one => Assert.Equal((PortMappingProtocol.Pcp, false), (one.Protocol, one.IsSuspicious)));
    }

    [Fact] // RFC 6887 §9, appendix A
    public void A_router_that_does_not_know_the_version_is_asked_by_NAT_PMP_at_once()
    {
        var drive = new MapperDrive(new() { SpeaksNatPmp = true });
        drive.RunFor(TimeSpan.FromMilliseconds(20));

        Assert.Equal(PortMappingProtocol.NatPmp, drive.Mapping.Protocol);
        drive.RunFor(TimeSpan.FromMinutes(1));
        Assert.Equal(3, drive.Sent.Count); // PCP, address, mapping
    }

    [Fact]
    public void Protocols_start_half_a_second_apart_and_UPnP_is_found_within_two_seconds()
    {
        var drive = new MapperDrive(new() { SpeaksUpnp = true });
        drive.RunFor(TimeSpan.FromSeconds(2));

        Assert.Equal(PortMappingProtocol.Upnp, drive.Mapping.Protocol);
        Assert.Equal(TimeSpan.Zero, drive.SentAt(2).First());
        Assert.Equal(TimeSpan.FromMilliseconds(500), drive.SentAt(0).First());
        Assert.Equal(TimeSpan.FromMilliseconds(1000), drive.Sent.First(one => one.Transmit.Remote.Port == 1900).At);
    }

    [Fact] // RFC 6887 §8.1.1
    public void PCP_repeats_after_3_seconds_and_doubles_each_within_a_tenth()
    {
        var drive = new MapperDrive(new(), new() { Protocols = [PortMappingProtocol.Pcp] });
        drive.RunFor(TimeSpan.FromSeconds(100));

        var sent = drive.SentAt(2).ToArray();
        Assert.Equal(4, sent.Length);
        Assert.InRange((sent[1] - sent[0]).TotalSeconds, 2.7, 3.3);
        Assert.InRange((sent[2] - sent[1]) / (sent[1] - sent[0]), 1.8, 2.2);
        Assert.InRange((sent[3] - sent[2]) / (sent[2] - sent[1]), 1.8, 2.2);
    }

    [Fact] // RFC 6886 §3.1
    public void NAT_PMP_repeats_after_250_ms_doubles_and_gives_up_after_nine()
    {
        var drive = new MapperDrive(new(), new() { Protocols = [PortMappingProtocol.NatPmp] });
        drive.RunFor(TimeSpan.FromSeconds(200));

        Assert.Equal([0, 250, 750, 1750, 3750, 7750, 15750, 31750, 63750], drive.SentAt(0).Select(at => (int)at.TotalMilliseconds));
    }

    [Fact]
    public void After_all_failed_the_pauses_grow_to_1024_seconds()
    {
        var drive = new MapperDrive(new(), new() { Protocols = [PortMappingProtocol.Pcp], CheckInterval = TimeSpan.FromHours(1) });
        drive.RunFor(TimeSpan.FromHours(3));

        var pauses = drive.SentAt(2).Zip(drive.SentAt(2).Skip(1), (one, next) => (next - one).TotalSeconds).Where(pause => pause > 100).ToArray();
        Assert.InRange(pauses[0], 120, 180);
        Assert.InRange(pauses[1], 240, 300);
        Assert.InRange(pauses[^1], 1024, 1060);
        Assert.Empty(drive.Mapper.Mappings);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_lost_packet_only_costs_a_repetition(bool isPcp)
    {
        var lost = 0;
        var drive = new MapperDrive(
            new() { SpeaksPcp = isPcp, SpeaksNatPmp = !isPcp }, new() { Protocols = [isPcp ? PortMappingProtocol.Pcp : PortMappingProtocol.NatPmp] });
        drive.Loses = _ => lost++ < 2;
        drive.RunFor(TimeSpan.FromSeconds(10));

        Assert.Equal("203.0.113.1:6000", drive.Mapping.External.ToString());
    }

    [Theory, InlineData(true), InlineData(false)] // RFC 6887 §11.2.1, RFC 6886 §3.3
    public void A_mapping_is_renewed_between_half_and_five_eighths_of_its_lifetime(bool isPcp)
    {
        var drive = Settled(isPcp);
        var first = drive.Mapping.Expiry;
        drive.RunFor(TimeSpan.FromSeconds(7200 * 5 / 8));

        var renewals = drive.Sent.Where(one => one.Transmit.Payload.Length is 12 or 60 && one.At > TimeSpan.FromSeconds(10)).ToArray();
        Assert.InRange(Assert.Single(renewals).At.TotalSeconds, 3600, 4510);
        Assert.True(drive.Mapping.Expiry > first);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Lost_renewals_are_repeated_ever_closer_and_the_mapping_ends_when_it_expires(bool isPcp)
    {
        var drive = Settled(isPcp);
        var expiry = drive.Mapping.Expiry;
        drive.Loses = _ => true;
        drive.RunFor(expiry - drive.Now - TimeSpan.FromSeconds(1));

        var renewals = drive.Sent.Where(one => one.Transmit.Payload.Length is 12 or 60 && one.At > TimeSpan.FromSeconds(10)).Select(one => one.At).ToArray();
        Assert.InRange(renewals.Length, 8, 12);
        Assert.InRange(renewals[1].TotalSeconds, 5390, 5860);
        Assert.All(renewals.Zip(renewals.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromSeconds(4)));
        Assert.Single(drive.Mapper.Mappings);
        drive.RunFor(TimeSpan.FromSeconds(2));
        Assert.Empty(drive.Mapper.Mappings);
        drive.Loses = _ => false;
        drive.RunFor(TimeSpan.FromMinutes(5));
        Assert.Single(drive.Mapper.Mappings);
    }

    [Theory, InlineData(true), InlineData(false)] // RFC 6887 §8.5, RFC 6886 §3.6
    public void A_restarted_router_is_asked_again_when_its_epoch_shows_it(bool isPcp)
    {
        var drive = Settled(isPcp);
        drive.RunFor(TimeSpan.FromMinutes(1));
        drive.Router.Reboot(drive.Now);
        drive.RunFor(TimeSpan.FromMinutes(15)); // the check

        Assert.Single(drive.Router.Table);
        Assert.Single(drive.Mapper.Mappings);
    }

    [Theory, InlineData(true), InlineData(false)] // miniupnpd announces itself by PCP alone
    public void An_announcement_in_one_protocol_is_a_hint_for_another(bool isPcp)
    {
        var drive = Settled(isPcp);
        drive.RunFor(TimeSpan.FromMinutes(1));
        drive.Router.Reboot(drive.Now);
        var sent = drive.Sent.Count;
        for (var i = 0; i < 100; i++) { drive.Receive(isPcp ? drive.Router.NatPmpAddress(drive.Now) : drive.Router.PcpAnnounce(drive.Now)); }
        drive.RunFor(TimeSpan.FromSeconds(5.1));

        Assert.Single(drive.Router.Table);
        Assert.Equal(2, drive.Sent.Count - sent); // a check and a mapping, however many
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_restarted_router_that_is_not_ready_yet_is_asked_on(bool isPcp)
    {
        var drive = Settled(isPcp);
        drive.RunFor(TimeSpan.FromMinutes(1));
        drive.Router.Reboot(drive.Now);
        (drive.Router.PcpFailure, drive.Router.NatPmpFailure) = (PcpResult.NetworkFailure, NatPmpResult.NetworkFailure);
        drive.Receive(isPcp ? drive.Router.PcpAnnounce(drive.Now) : drive.Router.NatPmpAddress(drive.Now));
        drive.RunFor(TimeSpan.FromSeconds(6));
        (drive.Router.PcpFailure, drive.Router.NatPmpFailure) = (PcpResult.Success, NatPmpResult.Success);
        drive.RunFor(TimeSpan.FromSeconds(4));

        Assert.Single(drive.Router.Table);
        Assert.Single(drive.Mapper.Mappings);
    }

    [Theory, InlineData(true), InlineData(false)] // RFC 6887 §14.1.3, RFC 6886 §3.2.1
    public void An_announcement_of_a_restart_is_heard(bool isPcp)
    {
        var drive = Settled(isPcp);
        drive.RunFor(TimeSpan.FromMinutes(1));
        drive.Router.Reboot(drive.Now);
        drive.Receive(isPcp ? drive.Router.PcpAnnounce(drive.Now) : drive.Router.NatPmpAddress(drive.Now));
        drive.RunFor(TimeSpan.FromSeconds(5.1));

        Assert.Single(drive.Router.Table);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_router_that_always_says_it_restarted_does_not_make_a_flood(bool isPcp)
    {
        var router = new FakeRouter { SpeaksPcp = isPcp, SpeaksNatPmp = !isPcp };
        var drive = new MapperDrive(router, new() { Protocols = [isPcp ? PortMappingProtocol.Pcp : PortMappingProtocol.NatPmp] }, Udp, Tcp);
        drive.RunFor(TimeSpan.FromMinutes(2));
        var at = 8; // the epoch's place in both protocols, see below
        if (!isPcp) { at = 4; }
        var epoch = 100_000;
        router.Tamper = answer =>
        {
            epoch -= 100;
            answer[at] = 0;
            (answer[at + 1], answer[at + 2], answer[at + 3]) = ((byte)(epoch >> 16), (byte)(epoch >> 8), (byte)epoch);
            return answer;
        };
        var before = drive.Sent.Count;
        drive.RunFor(TimeSpan.FromHours(2));

        Assert.InRange(drive.Sent.Count - before, 1, 2 * 720 + 100); // at most both entries each 10 s
        Assert.Equal(2, drive.Mapper.Mappings.Count);
    }

    [Fact]
    public void A_response_with_another_nonce_is_ignored()
    {
        var drive = new MapperDrive(
            new() { SpeaksPcp = true, Tamper = answer => [.. answer[..24], (byte)(answer[24] ^ 1), .. answer[25..]] }, new() { Protocols = [PortMappingProtocol.Pcp] });
        drive.RunFor(TimeSpan.FromMinutes(1));

        Assert.Empty(drive.Mapper.Mappings);
    }

    [Theory, InlineData("192.168.1.99:5351"), InlineData("192.168.1.1:5352"), InlineData("203.0.113.1:5351")]
    public void A_response_from_anywhere_but_the_server_is_ignored(string text)
    {
        Assert.True(NetworkAddress.TryParse(text, out var source));
        byte[]? forged = null;
        var router = new FakeRouter { SpeaksPcp = true, Tamper = answer => forged = answer };
        var drive = new MapperDrive(router, new() { Protocols = [PortMappingProtocol.Pcp] });
        forged = router.Answer(drive.Sent[0].Transmit, drive.Now);

        drive.Receive(forged!, source);
        Assert.Empty(drive.Mapper.Mappings);
        drive.Receive(forged!);
        Assert.Single(drive.Mapper.Mappings);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_router_without_network_is_asked_again_later_and_by_what_else_there_is(bool isPcp)
    {
        var router = new FakeRouter { SpeaksPcp = isPcp, PcpFailure = PcpResult.NetworkFailure, SpeaksNatPmp = !isPcp, NatPmpFailure = NatPmpResult.NetworkFailure };
        var drive = new MapperDrive(router, new() { Protocols = [PortMappingProtocol.Pcp, PortMappingProtocol.NatPmp] });
        drive.RunFor(TimeSpan.FromMinutes(3));
        Assert.Empty(drive.Mapper.Mappings);

        (router.PcpFailure, router.NatPmpFailure) = (PcpResult.Success, NatPmpResult.Success);
        drive.RunFor(TimeSpan.FromMinutes(10));
        Assert.Single(drive.Mapper.Mappings);
    }

    [Fact]
    public void A_refused_renewal_does_not_end_what_was_granted()
    {
        var drive = Settled(isPcp: true);
        drive.Router.PcpFailure = PcpResult.NoResources;
        drive.RunFor(TimeSpan.FromSeconds(7100));

        Assert.Single(drive.Mapper.Mappings);
    }

    [Fact]
    public void One_transport_refused_leaves_the_other()
    {
        var drive = new MapperDrive(new() { SpeaksPcp = true, RefusedTransport = MappedTransport.Tcp }, null, Udp, Tcp);
        drive.RunFor(TimeSpan.FromMinutes(10));

        Assert.Equal(MappedTransport.Udp, drive.Mapping.Transport);
        Assert.InRange(drive.SentAt(2).Count(), 3, 10); // the refused one is asked for again, at times
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Another_external_port_is_taken_as_given(bool isPcp)
    {
        var router = new FakeRouter { SpeaksPcp = isPcp, SpeaksNatPmp = !isPcp };
        router.Table[(MappedTransport.Udp, 6000)] = (FakeRouter.Neighbour, 6000, TimeSpan.MaxValue);
        var drive = new MapperDrive(router);
        drive.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal("203.0.113.1:6001", drive.Mapping.External.ToString());
    }

    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("100.64.0.1", true)]
    [InlineData("240.0.0.1", true)]
    [InlineData("192.0.0.2", true)]
    [InlineData("198.18.0.1", true)]
    [InlineData("198.20.0.1", false)]
    [InlineData("192.0.2.1", false)] // documentation
    [InlineData("198.51.100.1", false)]
    [InlineData("203.0.113.9", false)]
    public void An_outer_address_that_nobody_can_reach_is_reported_as_suspicious(string text, bool isSuspicious)
    {
        Assert.True(NetworkAddress.TryParseHost(text, out var external));
        var drive = new MapperDrive(new() { SpeaksPcp = true, External = external });
        drive.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal((external, isSuspicious), (drive.Mapping.External.WithPort(0), drive.Mapping.IsSuspicious));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_router_without_an_address_gives_no_candidate(bool isPcp)
    {
        var drive = new MapperDrive(new() { SpeaksPcp = isPcp, SpeaksNatPmp = !isPcp, External = NetworkAddress.FromIpv4(0, 0) });
        drive.RunFor(TimeSpan.FromSeconds(5));

        Assert.Empty(drive.Mapper.Mappings);
    }

    [Theory, InlineData(true, 4600), InlineData(false, 901)] // PCP says it when it renews, NAT-PMP when it is asked for the address
    public void A_new_outer_address_is_noticed(bool isPcp, int seconds)
    {
        var drive = Settled(isPcp);
        var revision = drive.Mapper.Revision;
        drive.Router.External = NetworkAddress.FromIpv4(0xCB007102, 0);
        drive.RunFor(TimeSpan.FromSeconds(seconds));

        Assert.Equal("203.0.113.2:6000", drive.Mapping.External.ToString());
        Assert.True(drive.Mapper.Revision > revision);
    }

    [Theory, InlineData(true), InlineData(false)] // RFC 6887 §15, RFC 6886 §3.4
    public void Stop_removes_the_mapping_with_lifetime_zero(bool isPcp)
    {
        var drive = Settled(isPcp);
        var lost = 0;
        drive.Loses = _ => lost++ < 2;
        drive.Stop();
        Assert.Empty(drive.Mapper.Mappings);
        drive.RunFor(TimeSpan.FromSeconds(1));

        Assert.True(drive.Mapper.IsStopped);
        Assert.Empty(drive.Router.Table);
        Assert.Null(drive.Mapper.Deadline);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Stop_is_over_after_two_seconds_when_nobody_answers(bool isPcp)
    {
        var drive = Settled(isPcp);
        drive.Loses = _ => true;
        drive.Stop();
        drive.RunFor(TimeSpan.FromSeconds(1.9));
        Assert.False(drive.Mapper.IsStopped);
        drive.RunFor(TimeSpan.FromSeconds(0.2));

        Assert.True(drive.Mapper.IsStopped);
    }

    [Fact]
    public void Stop_before_any_answer_is_over_at_once()
    {
        var drive = new MapperDrive(new());
        drive.RunFor(TimeSpan.FromSeconds(4));
        drive.Stop();

        Assert.True(drive.Mapper.IsStopped);
    }

    [Fact]
    public void A_gateway_that_is_gone_is_forgotten_and_a_new_one_is_asked()
    {
        var drive = Settled(isPcp: true);
        var other = FakeRouter.Gateway with { Router = NetworkAddress.FromIpv4(0xC0A801FE, 0) };
        drive.Mapper.HandleGateways([other], drive.Now);

        Assert.Empty(drive.Mapper.Mappings);
        Assert.True(drive.Mapper.TryTakeTransmit(out var transmit));
        Assert.Equal("192.168.1.254:5351", transmit.Remote.ToString());
    }

    [Theory, InlineData(true), InlineData(false)]
    public void After_a_network_change_a_router_that_stays_must_confirm_within_ten_seconds(bool answers)
    {
        var drive = Settled(isPcp: true);
        var nonce = drive.Sent[0].Transmit.Payload[24..36];
        drive.RunFor(TimeSpan.FromMinutes(5));
        drive.Loses = _ => !answers;
        drive.ChangeNetwork();
        Assert.Single(drive.Mapper.Mappings);
        drive.RunFor(TimeSpan.FromSeconds(10.1));

        Assert.Equal(answers ? 1 : 0, drive.Mapper.Mappings.Count);
        Assert.All(drive.Sent, one => Assert.Equal(nonce, one.Transmit.Payload[24..36])); // RFC 6887 §11.3
    }

    [Fact]
    public void After_a_network_change_a_router_that_failed_is_asked_at_once()
    {
        var drive = new MapperDrive(new(), new() { Protocols = [PortMappingProtocol.Pcp] });
        drive.RunFor(TimeSpan.FromMinutes(30));
        drive.Router.SpeaksPcp = true;
        drive.ChangeNetwork();
        drive.RunFor(TimeSpan.FromMilliseconds(10));

        Assert.Single(drive.Mapper.Mappings);
    }

    [Fact] // the grant is capped (RFC 6887 §15) and so are renewals
    public void Lifetimes_of_a_second_or_a_century_are_both_harmless()
    {
        var router = new FakeRouter { SpeaksPcp = true, MaxLifetime = 1 };
        var drive = new MapperDrive(router, new() { Protocols = [PortMappingProtocol.Pcp] });
        drive.RunFor(TimeSpan.FromMinutes(10));
        Assert.InRange(drive.Sent.Count, 2, 30);

        router.MaxLifetime = uint.MaxValue;
        drive = new(router, new() { Protocols = [PortMappingProtocol.Pcp], Lifetime = TimeSpan.FromSeconds(uint.MaxValue) });
        drive.RunFor(TimeSpan.FromSeconds(1));
        Assert.InRange(drive.Mapping.Expiry, TimeSpan.FromHours(24), TimeSpan.FromHours(25));
    }

    [Fact]
    public void Without_gateways_there_is_nothing_to_do()
    {
        var mapper = new PortMapper([Udp], new(), new Crypto.SeededRandomSource(1));
        mapper.HandleGateways([], TimeSpan.Zero);
        Assert.Null(mapper.Deadline);
        mapper.Stop(TimeSpan.Zero);
        Assert.True(mapper.IsStopped);
    }

    private static MapperDrive Settled(bool isPcp)
    {
        var drive = new MapperDrive(
            new() { SpeaksPcp = isPcp, SpeaksNatPmp = !isPcp }, new() { Protocols = [isPcp ? PortMappingProtocol.Pcp : PortMappingProtocol.NatPmp] });
        drive.RunFor(TimeSpan.FromSeconds(1));
        Assert.Single(drive.Mapper.Mappings);
        return drive;
    }
}
