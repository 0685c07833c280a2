using System.Net;
using Coco.Interop.Tests.Http3;
using Coco.Interop.Tests.Network;
using Coco.Interop.Tests.Processes;
using Coco.Quic.Connections;
using Coco.Quic.Paths;
using Coco.Transport.Udp;

namespace Coco.Interop.Tests.Ngtcp2;

/// <summary>The interop runner's cases, ngtcp2 as the server of our client.</summary>
public sealed class OurClientTests : Ngtcp2Test
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact] // handshake, chacha20
    public void Our_client_completes_the_handshake_and_gets_a_file()
    {
        var (process, address) = Gtls.Server(Folder, Certificate);
        using var ending = process;
        using var client = OurEnd.Client(Alpn);
        GetOne(client, address, process, SomeBytes(1000), Limit);
    }

    [Fact] // handshake
    public void A_server_with_an_Ed25519_certificate_proves_its_key()
    {
        using var certificate = TestCertificate.Ed25519();
        var (process, address) = Gtls.Server(Folder, certificate);
        using var ending = process;
        using var client = OurEnd.Client(Alpn);
        GetOne(client, address, process, SomeBytes(1000), Limit);
    }

    [Theory] // transfer; ecn
    [InlineData(10)]
    [InlineData(100)]
    public void Megabytes_arrive_unchanged(int megabytes)
    {
        if (megabytes > 10) { Needs.FullRun(); }
        var (process, address) = Gtls.Server(Folder, Certificate);
        using var ending = process;
        using var client = OurEnd.Client(Alpn);
        GetOne(client, address, process, SomeBytes(megabytes << 20), TimeSpan.FromSeconds(60));
    }

    [Fact] // keyupdate
    public void Our_client_updates_its_keys_again_and_again()
    {
        var (process, address) = Gtls.Server(Folder, Certificate);
        using var ending = process;
        using var client = OurEnd.Client(Alpn);
        var connection = GetOne(client, address, process, SomeBytes(10 << 20), Limit, static connection => connection.TryUpdateKeys());
        Assert.InRange(connection.KeyUpdates, 1, int.MaxValue);
        // The next is allowed once a packet of the last was acknowledged, which shows that the server has followed.
        client.RunUntil(() => { connection.TryUpdateKeys(); return connection.KeyUpdates >= 4; }, Limit, () => $"{connection.KeyUpdates} {connection.CloseReason}");
        GetOne(client, address, process, SomeBytes(10 << 20), Limit); // of the same length: gtlsserver keeps files it has served mapped
    }

    [Fact] // retry
    public void Our_client_proves_its_address_by_a_Retry()
    {
        var (process, address) = Gtls.Server(Folder, Certificate, "-V");
        using var ending = process;
        using var client = OurEnd.Client(Alpn);
        GetOne(client, address, process, SomeBytes(100_000), Limit);
    }

    [Fact] // multiplexing
    public void One_thousand_nine_hundred_and_ninety_nine_files_are_got_on_one_connection()
    {
        File.WriteAllBytes(Path.Combine(Folder, "small"), SomeBytes(32));
        var (process, address) = Gtls.Server(Folder, Certificate);
        using var ending = process;
        using var client = OurEnd.Client(Alpn);
        var connection = client.Connect(address);
        using var http = new Http3Client(connection);
        List<Http3Response> responses = [.. Enumerable.Range(0, 1999).Select(_ => http.Get("/small"))];
        client.RunUntil(
            () => { http.Run(); return responses.TrueForAll(static response => response.IsComplete); },
            Limit,
            () => $"{responses.Count(static response => response.IsComplete)} of 1999, {connection.CloseReason}\n{process.Output}");
        Assert.All(responses, static response => Assert.True(response is { IsOk: true, BodyLength: 32 }));
    }

    [Theory] // rebind-port, rebind-addr
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.2")]
    public void A_NAT_moves_our_client_unasked_in_the_middle_of_a_transfer(string newAddress)
    {
        var (process, address) = Gtls.Server(Folder, Certificate);
        using var ending = process;
        using var shim = new UdpShim(address, UdpShim.SomeDelay);
        using var client = OurEnd.Client(Alpn);
        var rebound = false;
        GetOne(client, shim.Front, process, SomeBytes(10 << 20), Limit, _ =>
        {
            if (!rebound && shim.DatagramsToClient > 1000) { shim.Rebind(IPAddress.Parse(newAddress)); rebound = true; }
        });
        Assert.True(rebound);
    }

    [Fact] // connectionmigration
    public void Our_client_moves_to_another_socket_in_the_middle_of_a_transfer()
    {
        var (process, address) = Gtls.Server(Folder, Certificate);
        using var ending = process;
        using var client = OurEnd.Client(Alpn);
        var second = client.Host.AddChannel(UdpChannel.Bind(new(IPAddress.Parse("127.0.0.1"), 0)));
        PathId? probed = null;
        var moved = false;
        var connection = GetOne(client, address, process, SomeBytes(30 << 20), Limit, connection =>
        {
            if (probed is null && connection.Statistics.BytesReceived > 1 << 20)
            {
                var path = client.Host.PathTo(address, second);
                if (connection.TryProbePath(path, client.Host.Now)) { probed = path.Id; }
            }
            while (connection.TryTakeEvent(out var happened))
            {
                if (happened.Kind == ConnectionEventKind.PathValidated && happened.Path == probed) { moved = connection.TrySwitchPath(probed.Value, client.Host.Now); }
            }
        });
        Assert.True(moved);
        Assert.Equal(probed, connection.ActivePath);
        Assert.InRange(connection.Statistics.BytesReceived, 1 << 20, long.MaxValue);
    }

    [Fact] // our client has no use for a preferred address, and is not confused by one (RFC 9000 §9.6)
    public void A_server_that_offers_a_preferred_address_is_used_at_its_first()
    {
        var (process, address) = Gtls.Server(Folder, Certificate, "--preferred-ipv4-addr=127.0.0.3:4433");
        using var ending = process;
        using var client = OurEnd.Client(Alpn);
        GetOne(client, address, process, SomeBytes(100_000), Limit);
    }

    [Theory] // handshakeloss, handshakecorruption
    [InlineData(0.3, 0)]
    [InlineData(0, 0.3)]
    public void Handshakes_complete_though_three_in_ten_datagrams_are_lost_or_damaged(double loss, double corruption)
    {
        var (process, address) = Gtls.Server(Folder, Certificate, "--handshake-timeout=60s");
        using var ending = process;
        for (var seed = 1; seed <= (Needs.All ? 50 : 3); seed++)
        {
            using var shim = new UdpShim(address, new() { Seed = seed, Loss = loss, Corruption = corruption });
            using var client = OurEnd.Client(Alpn, Lossy.Options);
            GetOne(client, shim.Front, process, SomeBytes(1000), Lossy.Limit);
        }
    }

    [Theory] // transferloss, transfercorruption
    [InlineData(0.02, 0)]
    [InlineData(0, 0.02)]
    public void A_transfer_completes_though_one_in_fifty_datagrams_is_lost_or_damaged(double loss, double corruption)
    {
        var (process, address) = Gtls.Server(Folder, Certificate);
        using var ending = process;
        using var shim = new UdpShim(address, new() { Loss = loss, Corruption = corruption });
        using var client = OurEnd.Client(Alpn);
        GetOne(client, shim.Front, process, SomeBytes(Needs.All ? 20 << 20 : 2 << 20), Limit);
    }

    [Fact] // blackhole
    public void A_transfer_survives_two_seconds_in_which_nothing_passes()
    {
        var (process, address) = Gtls.Server(Folder, Certificate);
        using var ending = process;
        using var shim = new UdpShim(address, new());
        using var client = OurEnd.Client(Alpn);
        var isDark = false;
        GetOne(client, shim.Front, process, SomeBytes(10 << 20), Limit, _ =>
        {
            if (!isDark && shim.DatagramsToClient > 1000) { shim.Blackhole(TimeSpan.FromSeconds(2)); isDark = true; }
        });
        Assert.True(isDark);
    }

    [Fact] // amplificationlimit, the client's part: RFC 9002 §6.2.2.1, the client's probes free a server that has reached its limit
    public void Our_client_frees_a_server_that_may_send_no_more()
    {
        using var certificate = new TestCertificate(padding: 9000);
        var (process, address) = Gtls.Server(Folder, certificate, "--handshake-timeout=60s");
        using var ending = process;
        using var shim = new UdpShim(address, new() { DropIf = static (fromClient, number) => fromClient && number is >= 2 and <= 4 });
        using var client = OurEnd.Client(Alpn, Lossy.Options);
        GetOne(client, shim.Front, process, SomeBytes(1000), Lossy.Limit);
    }

    [Fact] // longrtt
    public void A_handshake_and_a_transfer_complete_over_a_round_trip_of_750_ms()
    {
        var (process, address) = Gtls.Server(Folder, Certificate);
        using var ending = process;
        using var shim = new UdpShim(address, new() { Delay = TimeSpan.FromMilliseconds(375) });
        using var client = OurEnd.Client(Alpn);
        var connection = GetOne(client, shim.Front, process, SomeBytes(100_000), Limit);
        Assert.InRange(connection.Statistics.SmoothedRtt.TotalMilliseconds, 750, 1000);
    }
}
