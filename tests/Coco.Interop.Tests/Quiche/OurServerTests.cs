using System.Net;
using Coco.Interop.Tests.Network;
using Coco.Interop.Tests.Processes;
using Coco.Quic;
using Coco.Quic.Connections;

namespace Coco.Interop.Tests.Quiche;

/// <summary>The interop runner's cases, quiche as the client of our server.</summary>
public sealed class OurServerTests : QuicheTest
{
    [Fact] // handshake
    public void A_client_completes_the_handshake_and_is_echoed()
    {
        using var server = OurEnd.Server(QuichePeer.Alpn, Certificate.Credential);
        var connection = Serve(server, streams: 1, bytes: 1000);
        Assert.Equal(QuichePeer.Alpn, connection.ApplicationProtocol);
    }

    [Fact] // handshake
    public void A_client_takes_an_Ed25519_certificate()
    {
        using var certificate = TestCertificate.Ed25519();
        using var server = OurEnd.Server(QuichePeer.Alpn, certificate.Credential);
        Serve(server, streams: 1, bytes: 1000);
    }

    [Fact] // transfer
    public void Megabytes_are_echoed_unchanged()
    {
        using var server = OurEnd.Server(QuichePeer.Alpn, Certificate.Credential);
        Serve(server, streams: 1, bytes: Needs.All ? 10 << 20 : 1 << 20);
    }

    [Fact] // keyupdate; quiche follows one, and has no call to start one
    public void Our_server_updates_its_keys_again_and_again()
    {
        using var server = OurEnd.Server(QuichePeer.Alpn, Certificate.Credential);
        var connection = Serve(server, streams: 1, bytes: 1 << 20, meanwhile: static connection => connection.TryUpdateKeys());
        Assert.InRange(connection.KeyUpdates, 2, int.MaxValue);
    }

    [Fact] // retry
    public void The_client_proves_its_address_by_a_Retry()
    {
        using var server = OurEnd.Server(QuichePeer.Alpn, Certificate.Credential, validation: AddressValidation.Always);
        Serve(server, streams: 1, bytes: 1000);
    }

    [Fact] // multiplexing; the binding's client fails at a limit of streams instead of waiting for more, so the limit is above
    public void One_thousand_nine_hundred_and_ninety_nine_streams_are_echoed_on_one_connection()
    {
        var options = new QuicOptions { Streams = new() { MaxBidirectionalStreams = 2000 } };
        using var server = OurEnd.Server(QuichePeer.Alpn, Certificate.Credential, options);
        Serve(server, streams: 1999, bytes: 32);
    }

    [Theory] // rebind-port, rebind-addr
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.2")]
    public void A_NAT_moves_the_client_unasked_in_the_middle_of_a_transfer(string address)
    {
        using var server = OurEnd.Server(QuichePeer.Alpn, Certificate.Credential);
        using var shim = new UdpShim(new(IPAddress.Loopback, server.Port), UdpShim.SomeDelay);
        var rebound = false;
        Serve(server, streams: 1, bytes: 1 << 20, shim.Front, _ =>
        {
            if (!rebound && shim.DatagramsToClient > 100) { shim.Rebind(IPAddress.Parse(address)); rebound = true; }
        });
        Assert.True(rebound);
    }

    [Theory] // handshakeloss, handshakecorruption
    [InlineData(0.3, 0)]
    [InlineData(0, 0.3)]
    public void Most_handshakes_complete_though_three_in_ten_datagrams_are_lost_or_damaged(double loss, double corruption)
    {
        var completed = 0;
        for (var seed = 1; seed <= Attempts && !(completed == 1 && !Needs.All); seed++)
        {
            using var server = OurEnd.Server(QuichePeer.Alpn, Certificate.Credential, Lossy.Options);
            using var shim = new UdpShim(new(IPAddress.Loopback, server.Port), new() { Seed = seed, Loss = loss, Corruption = corruption });
            completed += TryServe(server, streams: 1, bytes: 1000, out _, shim.Front) is null ? 1 : 0;
        }
        Assert.InRange(completed, LeastCompleted, Attempts);
    }

    [Theory] // transferloss, transfercorruption
    [InlineData(0.02, 0)]
    [InlineData(0, 0.02)]
    public void A_transfer_completes_though_one_in_fifty_datagrams_is_lost_or_damaged(double loss, double corruption)
    {
        using var server = OurEnd.Server(QuichePeer.Alpn, Certificate.Credential);
        using var shim = new UdpShim(new(IPAddress.Loopback, server.Port), new() { Loss = loss, Corruption = corruption });
        Serve(server, streams: 1, bytes: 500_000, shim.Front);
    }

    [Fact] // blackhole
    public void A_transfer_survives_two_seconds_in_which_nothing_passes()
    {
        using var server = OurEnd.Server(QuichePeer.Alpn, Certificate.Credential);
        using var shim = new UdpShim(new(IPAddress.Loopback, server.Port), new());
        var isDark = false;
        Serve(server, streams: 1, bytes: 1 << 20, shim.Front, _ =>
        {
            if (!isDark && shim.DatagramsToClient > 100) { shim.Blackhole(TimeSpan.FromSeconds(2)); isDark = true; }
        });
        Assert.True(isDark);
    }

    [Fact] // longrtt
    public void A_handshake_and_a_transfer_complete_over_a_round_trip_of_750_ms()
    {
        using var server = OurEnd.Server(QuichePeer.Alpn, Certificate.Credential);
        using var shim = new UdpShim(new(IPAddress.Loopback, server.Port), new() { Delay = TimeSpan.FromMilliseconds(375) });
        Serve(server, streams: 1, bytes: 50_000, shim.Front);
    }
}
