using Coco.Traversal.PortMapping;
using Coco.Traversal.PortMapping.Upnp;

namespace Coco.Traversal.Tests.PortMapping;

/// <summary>UPnP in virtual time.</summary>
public sealed class UpnpMapperTests
{
    private static readonly PortMapperOptions OnlyUpnp = new() { Protocols = [PortMappingProtocol.Upnp] };

    [Fact]
    public void A_port_is_mapped_for_two_hours_when_it_is_nobody_elses()
    {
        var drive = Settled(new() { SpeaksUpnp = true });

        Assert.Equal(
            [null, "GetExternalIPAddress", "GetSpecificPortMappingEntry", "AddPortMapping"],
            drive.Requests.Select(one => ActionOf(one.Request)));
        Assert.Equal("7200", FakeRouter.Field(drive.Requests[^1].Request, "NewLeaseDuration"));
        Assert.Equal((PortMappingProtocol.Upnp, "203.0.113.1:6000", false), (drive.Mapping.Protocol, drive.Mapping.External.ToString(), drive.Mapping.IsSuspicious));
    }

    [Fact] // WANIPConnection:2 §2.5.16
    public void Version_2_chooses_a_free_port_itself()
    {
        var router = new FakeRouter { SpeaksUpnp = true, ServiceName = ServiceType.Ip2 };
        router.Table[(MappedTransport.Udp, 6000)] = (FakeRouter.Neighbour, 6000, TimeSpan.MaxValue);
        var drive = Settled(router);

        Assert.Equal([null, "GetExternalIPAddress", "AddAnyPortMapping"], drive.Requests.Select(one => ActionOf(one.Request)));
        Assert.Equal(40_000, drive.Mapping.External.Port);
        drive.Stop();
        drive.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(6000, Assert.Single(router.Table).Key.Port);
    }

    [Fact]
    public void A_version_2_service_that_lacks_the_action_is_asked_as_version_1()
    {
        var router = new FakeRouter { SpeaksUpnp = true, ServiceName = ServiceType.Ip2 };
        router.Instead["AddAnyPortMapping"] = _ => FakeRouter.Fault(401);

        Assert.Equal(6000, Settled(router).Mapping.External.Port);
    }

    [Fact]
    public void A_port_that_another_host_has_is_left_to_it()
    {
        var router = new FakeRouter { SpeaksUpnp = true };
        router.Table[(MappedTransport.Udp, 6000)] = (FakeRouter.Neighbour, 6000, TimeSpan.MaxValue);
        router.Instead["AddPortMapping"] = request =>
        {
            Assert.NotEqual(6000, FakeRouter.Number(request, "NewExternalPort")); // this router would give it away
            return router.AnswerHonestly("AddPortMapping", request, TimeSpan.Zero);
        };
        var drive = Settled(router);

        Assert.InRange(drive.Mapping.External.Port, 20_000, 32_000);
        Assert.Equal(FakeRouter.Neighbour, router.Table[(MappedTransport.Udp, 6000)].Client);
    }

    [Fact]
    public void A_conflict_is_answered_by_another_port_five_times_at_most()
    {
        var router = new FakeRouter { SpeaksUpnp = true };
        router.Instead["AddPortMapping"] = _ => FakeRouter.Fault(718);
        var drive = new MapperDrive(router, OnlyUpnp);
        drive.RunFor(TimeSpan.FromSeconds(30));

        var ports = drive.Requests.Where(one => ActionOf(one.Request) == "AddPortMapping").Select(one => FakeRouter.Number(one.Request, "NewExternalPort"));
        Assert.Equal(5, ports.Distinct().Count());
        Assert.Empty(drive.Mapper.Mappings);
        drive.Stop();
        drive.RunFor(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain(drive.Requests, one => ActionOf(one.Request) == "DeletePortMapping"); // others have them
    }

    [Theory, InlineData(725), InlineData(402)]
    public void A_router_without_leases_gets_a_permanent_mapping_that_is_removed_at_stop(int error)
    {
        var router = new FakeRouter { SpeaksUpnp = true };
        router.Instead["AddPortMapping"] = request =>
            FakeRouter.Number(request, "NewLeaseDuration") != 0 ? FakeRouter.Fault(error) : router.AnswerHonestly("AddPortMapping", request, TimeSpan.Zero);
        var drive = Settled(router);

        Assert.Equal(TimeSpan.MaxValue, drive.Mapping.Expiry);
        drive.RunFor(TimeSpan.FromDays(2));
        Assert.Single(drive.Mapper.Mappings);
        drive.Stop();
        drive.RunFor(TimeSpan.FromSeconds(1));
        Assert.True(drive.Mapper.IsStopped);
        Assert.Empty(router.Table);
    }

    [Fact]
    public void A_lease_is_renewed_at_half_of_its_time()
    {
        var drive = Settled(new() { SpeaksUpnp = true });
        drive.RunFor(TimeSpan.FromHours(1));

        var renewal = drive.Requests.Where(one => ActionOf(one.Request) == "AddPortMapping").Skip(1).Select(one => one.At);
        Assert.InRange(Assert.Single(renewal), TimeSpan.FromHours(1), TimeSpan.FromSeconds(3602));
    }

    [Fact]
    public void A_restarted_router_is_noticed_by_the_check_and_asked_again()
    {
        var drive = Settled(new() { SpeaksUpnp = true });
        drive.Router.Reboot(drive.Now);
        drive.Router.External = NetworkAddress.FromIpv4(0xCB007102, 0);
        drive.RunFor(TimeSpan.FromMinutes(15.1));

        Assert.Single(drive.Router.Table);
        Assert.Equal("203.0.113.2:6000", drive.Mapping.External.ToString());
    }

    [Fact]
    public void A_restart_that_a_router_announces_by_PCP_is_looked_into_at_once()
    {
        var drive = Settled(new() { SpeaksUpnp = true });
        drive.Router.Reboot(drive.Now);
        drive.Receive(drive.Router.PcpAnnounce(drive.Now));
        drive.RunFor(TimeSpan.FromMilliseconds(20));

        Assert.Single(drive.Router.Table);
    }

    [Fact]
    public void A_mapping_that_another_host_took_over_is_made_anew_on_another_port()
    {
        var drive = Settled(new() { SpeaksUpnp = true });
        drive.Router.Table[(MappedTransport.Udp, 6000)] = (FakeRouter.Neighbour, 6000, TimeSpan.MaxValue);
        drive.RunFor(TimeSpan.FromMinutes(15.1));

        Assert.InRange(drive.Mapping.External.Port, 20_000, 32_000);
        drive.Stop();
        drive.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(FakeRouter.Neighbour, Assert.Single(drive.Router.Table).Value.Client);
    }

    [Fact]
    public void A_router_that_comes_back_at_another_control_url_is_found_again()
    {
        var drive = Settled(new() { SpeaksUpnp = true });
        drive.Router.Reboot(drive.Now);
        drive.Router.Location = "http://192.168.1.1:5001/desc.xml";
        drive.Router.Instead["GetExternalIPAddress"] = request => request.Server.Port == 5000 ? (0, "") : drive.Router.AnswerHonestly("GetExternalIPAddress", request, drive.Now);
        drive.RunFor(TimeSpan.FromMinutes(16));

        Assert.Single(drive.Router.Table);
        Assert.Single(drive.Mapper.Mappings);
    }

    [Fact]
    public void One_failed_request_is_tried_again_before_anything_is_given_up()
    {
        var drive = Settled(new() { SpeaksUpnp = true });
        var failed = false;
        drive.Router.Instead["GetExternalIPAddress"] = request =>
        {
            if (failed) { return drive.Router.AnswerHonestly("GetExternalIPAddress", request, drive.Now); }
            failed = true;
            return (0, "");
        };
        var searches = drive.Sent.Count;
        drive.RunFor(TimeSpan.FromMinutes(20));

        Assert.True(failed);
        Assert.Equal(searches, drive.Sent.Count);
        Assert.Single(drive.Mapper.Mappings);
    }

    [Theory]
    [InlineData("http://192.168.1.20/desc.xml")] // another host of the LAN
    [InlineData("http://203.0.113.80/desc.xml")] // a host of the internet
    [InlineData("http://127.0.0.1/desc.xml")]
    [InlineData("http://192.168.1.10/desc.xml")] // ourselves
    public void A_device_cannot_send_us_to_another_host_for_its_description(string location)
    {
        var drive = new MapperDrive(new() { SpeaksUpnp = true, Location = location }, OnlyUpnp);
        drive.RunFor(TimeSpan.FromSeconds(10));

        Assert.Empty(drive.Requests);
    }

    [Theory, InlineData("http://192.168.1.20/ctl"), InlineData("http://127.0.0.1/ctl"), InlineData("http://10.0.0.1/ctl")]
    public void A_description_cannot_send_us_to_another_host_for_control(string control)
    {
        var drive = new MapperDrive(new() { SpeaksUpnp = true, ControlUrl = control }, OnlyUpnp);
        drive.RunFor(TimeSpan.FromSeconds(10));

        Assert.All(drive.Requests, one => Assert.Null(one.Request.SoapAction));
        Assert.NotEmpty(drive.Requests);
    }

    [Fact]
    public void An_answer_from_outside_the_network_is_ignored()
    {
        var drive = new MapperDrive(new(), OnlyUpnp);
        Assert.True(NetworkAddress.TryParse("203.0.113.80:1900", out var stranger));
        drive.Receive(UpnpCodecTests.SsdpAnswer("http://203.0.113.80/desc.xml"), stranger);
        drive.RunFor(TimeSpan.FromSeconds(10));

        Assert.Empty(drive.Requests);
    }

    [Fact]
    public void Many_devices_cost_eight_requests_at_most()
    {
        var drive = new MapperDrive(new(), OnlyUpnp);
        for (var i = 0; i < 200; i++)
        {
            var device = NetworkAddress.FromIpv4((uint)(0xC0A80114 + i), 1900);
            drive.Receive(UpnpCodecTests.SsdpAnswer($"http://{device.HostText}/{i}"), device);
        }
        drive.RunFor(TimeSpan.FromSeconds(10));

        Assert.Equal(8, drive.Requests.Count);
    }

    [Fact]
    public void A_service_without_an_address_is_passed_over()
    {
        var router = new FakeRouter { SpeaksUpnp = true, External = NetworkAddress.FromIpv4(0, 0) };
        var drive = new MapperDrive(router, OnlyUpnp);
        drive.RunFor(TimeSpan.FromSeconds(10));

        Assert.DoesNotContain(drive.Requests, one => ActionOf(one.Request) == "AddPortMapping");
    }

    [Fact]
    public void A_mapping_granted_while_stopping_is_removed_too()
    {
        var drive = new MapperDrive(new() { SpeaksUpnp = true }, OnlyUpnp);
        while (!drive.Requests.Exists(one => ActionOf(one.Request) == "AddPortMapping")) { drive.RunFor(TimeSpan.FromMilliseconds(1)); }
        drive.Stop();
        Assert.False(drive.Mapper.IsStopped);
        drive.RunFor(TimeSpan.FromSeconds(1));

        Assert.True(drive.Mapper.IsStopped);
        Assert.Empty(drive.Router.Table);
    }

    private static string? ActionOf(MapperRequest request) => request.SoapAction?[(request.SoapAction.IndexOf('#') + 1)..^1];

    private static MapperDrive Settled(FakeRouter router)
    {
        var drive = new MapperDrive(router, OnlyUpnp);
        drive.RunFor(TimeSpan.FromSeconds(1));
        Assert.Single(drive.Mapper.Mappings);
        return drive;
    }
}
