using System.Net;
using Coco.Interop.Tests.Http3;
using Coco.Interop.Tests.Network;
using Coco.Interop.Tests.Processes;
using Coco.Quic.Connections;

namespace Coco.Interop.Tests.Ngtcp2;

/// <summary>The interop runner's cases, ngtcp2 as the client of our server.</summary>
public sealed class OurServerTests : Ngtcp2Test
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact] // handshake, with everything that gtlsclient offers by default
    public void A_client_that_offers_everything_completes_the_handshake_and_gets_a_file()
    {
        using var server = OurEnd.Server(Alpn, Certificate.Credential);
        var connection = ServeOne(server, SomeBytes(1000), Limit);
        Assert.Equal(Alpn, connection.ApplicationProtocol);
    }

    [Fact] // handshake
    public void A_client_takes_an_Ed25519_certificate()
    {
        using var certificate = TestCertificate.Ed25519();
        using var server = OurEnd.Server(Alpn, certificate.Credential);
        ServeOne(server, SomeBytes(1000), Limit);
    }

    [Fact] // chacha20
    public void A_client_that_offers_nothing_but_our_suite_gets_a_file()
    {
        using var server = OurEnd.Server(Alpn, Certificate.Credential);
        ServeOne(server, SomeBytes(1000), Limit, more: Gtls.OurSuiteOnly);
    }

    [Fact] // transfer; ecn
    public void Ten_megabytes_arrive_unchanged_and_ECN_marks_are_reported()
    {
        using var server = OurEnd.Server(Alpn, Certificate.Credential);
        var ecn = "";
        ServeOne(server, SomeBytes(10 << 20), Limit, meanwhile: connection => ecn = connection.Statistics.EcnState);
        Assert.Equal("Capable", ecn);
    }

    [Fact] // transfer
    public void A_hundred_megabytes_arrive_unchanged()
    {
        Needs.FullRun();
        using var server = OurEnd.Server(Alpn, Certificate.Credential);
        ServeOne(server, SomeBytes(100 << 20), TimeSpan.FromSeconds(60));
    }

    [Fact] // keyupdate
    public void The_client_updates_its_keys()
    {
        using var server = OurEnd.Server(Alpn, Certificate.Credential);
        var connection = ServeOne(server, SomeBytes(10 << 20), Limit, more: "--key-update=10ms");
        Assert.Equal(1, connection.KeyUpdates);
    }

    [Fact] // keyupdate
    public void Our_server_updates_its_keys()
    {
        using var server = OurEnd.Server(Alpn, Certificate.Credential);
        var connection = ServeOne(server, SomeBytes(10 << 20), Limit, meanwhile: static connection => connection.TryUpdateKeys());
        Assert.InRange(connection.KeyUpdates, 1, int.MaxValue); // more where the transfer takes longer than the old keys are kept
    }

    [Fact] // retry
    public void The_client_proves_its_address_by_a_Retry()
    {
        using var server = OurEnd.Server(Alpn, Certificate.Credential, validation: AddressValidation.Always);
        ServeOne(server, SomeBytes(100_000), Limit);
    }

    [Fact] // multiplexing
    public void One_thousand_nine_hundred_and_ninety_nine_requests_are_served_on_one_connection()
    {
        const int Requests = 1999;
        using var server = OurEnd.Server(Alpn, Certificate.Credential);
        using var client = Gtls.Client(new(IPAddress.Loopback, server.Port), Folder, "-n", "1999");
        var connection = server.Accept(Limit, () => client.Output);
        var http = new Http3Server(connection, SomeBytes(32));
        server.RunUntil(() => { http.Run(); return client.HasExited; }, Limit, () => $"served {http.Served} {connection.CloseReason}\n{client.Output}");
        Assert.True(client.ExitCode == 0, client.Output);
        Assert.Equal(Requests, http.Served);
    }

    [Theory] // rebind-port, rebind-addr
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.2")]
    public void A_NAT_moves_the_client_unasked_in_the_middle_of_a_transfer(string address)
    {
        using var server = OurEnd.Server(Alpn, Certificate.Credential);
        using var shim = new UdpShim(new(IPAddress.Loopback, server.Port), UdpShim.SomeDelay);
        var rebound = false;
        var paths = 0;
        ServeOne(server, SomeBytes(10 << 20), Limit, shim.Front, connection =>
        {
            if (!rebound && shim.DatagramsToClient > 1000) { shim.Rebind(IPAddress.Parse(address)); rebound = true; }
            paths += Count(connection, ConnectionEventKind.PathChanged);
        });
        Assert.True(rebound);
        Assert.InRange(paths, 1, 2);
    }

    [Fact] // connectionmigration
    public void The_client_moves_to_another_port_while_it_receives()
    {
        using var server = OurEnd.Server(Alpn, Certificate.Credential);
        var paths = 0;
        ServeOne(server, SomeBytes(20 << 20), Limit,
            meanwhile: connection => paths += Count(connection, ConnectionEventKind.PathChanged), more: "--change-local-addr=20ms");
        Assert.InRange(paths, 1, 2);
    }

    [Theory] // connectionmigration, rebind-port
    [InlineData("--change-local-addr=20ms")]
    [InlineData("--change-local-addr=20ms", "--nat-rebinding")] // which gtlsclient survives only while it sends
    public void The_client_moves_to_another_port_while_it_sends(params string[] how)
    {
        var upload = Path.Combine(Folder, "upload");
        File.WriteAllBytes(upload, SomeBytes(20 << 20));
        using var server = OurEnd.Server(Alpn, Certificate.Credential);
        var paths = 0;
        ServeOne(server, SomeBytes(1000), Limit,
            meanwhile: connection => paths += Count(connection, ConnectionEventKind.PathChanged),
            more: [.. how, "--http-method=POST", $"--data={upload}"]);
        Assert.InRange(paths, 1, 2);
    }

    [Theory] // handshakeloss, handshakecorruption
    [InlineData(0.3, 0)]
    [InlineData(0, 0.3)]
    public void Handshakes_complete_though_three_in_ten_datagrams_are_lost_or_damaged(double loss, double corruption)
    {
        for (var seed = 1; seed <= (Needs.All ? 50 : 3); seed++)
        {
            using var server = OurEnd.Server(Alpn, Certificate.Credential, Lossy.Options);
            using var shim = new UdpShim(new(IPAddress.Loopback, server.Port), new() { Seed = seed, Loss = loss, Corruption = corruption });
            ServeOne(server, SomeBytes(1000), Lossy.Limit, shim.Front,
                // By default gtlsclient gives up after five datagrams in 30 s, which may all be lost.
                more: ["--handshake-timeout=60s", "--timeout=60s", "--initial-rtt=50ms"]);
        }
    }

    [Theory] // transferloss, transfercorruption
    [InlineData(0.02, 0)]
    [InlineData(0, 0.02)]
    public void A_transfer_completes_though_one_in_fifty_datagrams_is_lost_or_damaged(double loss, double corruption)
    {
        using var server = OurEnd.Server(Alpn, Certificate.Credential);
        using var shim = new UdpShim(new(IPAddress.Loopback, server.Port), new() { Loss = loss, Corruption = corruption });
        ServeOne(server, SomeBytes(Needs.All ? 20 << 20 : 2 << 20), Limit, shim.Front);
    }

    [Fact] // blackhole
    public void A_transfer_survives_two_seconds_in_which_nothing_passes()
    {
        using var server = OurEnd.Server(Alpn, Certificate.Credential);
        using var shim = new UdpShim(new(IPAddress.Loopback, server.Port), new());
        var isDark = false;
        ServeOne(server, SomeBytes(10 << 20), Limit, shim.Front, _ =>
        {
            if (!isDark && shim.DatagramsToClient > 1000) { shim.Blackhole(TimeSpan.FromSeconds(2)); isDark = true; }
        });
        Assert.True(isDark);
    }

    [Fact] // amplificationlimit
    public void Our_server_sends_no_more_than_three_times_what_it_got_before_the_address_is_proved()
    {
        using var certificate = new TestCertificate(padding: 9000);
        using var server = OurEnd.Server(Alpn, certificate.Credential, Lossy.Options);
        // The client's first datagram passes; what would prove its address is lost for some time, as in the runner's case.
        using var shim = new UdpShim(
            new(IPAddress.Loopback, server.Port), new() { KeepSizes = true, DropIf = static (fromClient, number) => fromClient && number is >= 2 and <= 4 });
        ServeOne(server, SomeBytes(1000), Lossy.Limit, shim.Front, more: "--handshake-timeout=60s");

        var fromClient = 0;
        var toClient = 0;
        var datagrams = 0;
        foreach (var (isFromClient, length) in shim.Seen)
        {
            if (isFromClient && ++datagrams > 4) { break; }
            if (isFromClient && datagrams == 1) { fromClient += length; }
            if (!isFromClient) { toClient += length; }
        }
        Assert.InRange(toClient, fromClient + 1, 3 * fromClient);
    }

    [Fact] // longrtt
    public void A_handshake_and_a_transfer_complete_over_a_round_trip_of_750_ms()
    {
        using var server = OurEnd.Server(Alpn, Certificate.Credential);
        using var shim = new UdpShim(new(IPAddress.Loopback, server.Port), new() { Delay = TimeSpan.FromMilliseconds(375) });
        var rtt = TimeSpan.Zero;
        ServeOne(server, SomeBytes(100_000), Limit, shim.Front, connection => rtt = connection.Statistics.SmoothedRtt);
        Assert.InRange(rtt.TotalMilliseconds, 750, 1000);
    }

    [Fact] // versionnegotiation
    public void A_client_of_an_unknown_version_is_told_ours_and_comes_back_with_it()
    {
        using var server = OurEnd.Server(Alpn, Certificate.Credential);
        ServeOne(server, SomeBytes(1000), Limit, more: ["--version=0x1a2a3a4a", "--preferred-versions=v1"]);
    }

    private static int Count(QuicConnection connection, ConnectionEventKind kind)
    {
        var count = 0;
        while (connection.TryTakeEvent(out var happened)) { count += happened.Kind == kind ? 1 : 0; }
        return count;
    }
}
