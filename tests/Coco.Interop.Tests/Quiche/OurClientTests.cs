using Coco.Interop.Tests.Network;
using Coco.Interop.Tests.Processes;

namespace Coco.Interop.Tests.Quiche;

/// <summary>The interop runner's cases, quiche as the server of our client. Its npm binding asks every client for a Retry.</summary>
public sealed class OurClientTests : QuicheTest
{
    [Fact] // handshake, retry, chacha20
    public void Our_client_completes_the_handshake_after_a_Retry_and_is_echoed()
    {
        var (process, address) = QuichePeer.Server(Certificate);
        using var ending = process;
        using var client = OurEnd.Client(QuichePeer.Alpn);
        Call(client, address, process, streams: 1, bytes: 1000);
    }

    [Fact] // handshake
    public void A_server_with_an_Ed25519_certificate_proves_its_key()
    {
        using var certificate = TestCertificate.Ed25519();
        var (process, address) = QuichePeer.Server(certificate);
        using var ending = process;
        using var client = OurEnd.Client(QuichePeer.Alpn);
        Call(client, address, process, streams: 1, bytes: 1000);
    }

    [Fact] // transfer
    public void Megabytes_are_echoed_unchanged()
    {
        var (process, address) = QuichePeer.Server(Certificate);
        using var ending = process;
        using var client = OurEnd.Client(QuichePeer.Alpn);
        Call(client, address, process, streams: 1, bytes: Needs.All ? 10 << 20 : 1 << 20);
    }

    [Fact] // keyupdate
    public void Our_client_updates_its_keys_again_and_again()
    {
        var (process, address) = QuichePeer.Server(Certificate);
        using var ending = process;
        using var client = OurEnd.Client(QuichePeer.Alpn);
        var connection = Call(client, address, process, streams: 1, bytes: 1 << 20, static connection => connection.TryUpdateKeys());
        Assert.InRange(connection.KeyUpdates, 2, int.MaxValue);
    }

    [Fact] // multiplexing
    public void One_thousand_nine_hundred_and_ninety_nine_streams_are_echoed_on_one_connection()
    {
        var (process, address) = QuichePeer.Server(Certificate);
        using var ending = process;
        using var client = OurEnd.Client(QuichePeer.Alpn);
        Call(client, address, process, streams: 1999, bytes: 32);
    }

    [Theory] // handshakeloss, handshakecorruption
    [InlineData(0.3, 0)]
    [InlineData(0, 0.3)]
    public void Most_handshakes_complete_though_three_in_ten_datagrams_are_lost_or_damaged(double loss, double corruption)
    {
        var (process, address) = QuichePeer.Server(Certificate);
        using var ending = process;
        var completed = 0;
        for (var seed = 1; seed <= Attempts && !(completed == 1 && !Needs.All); seed++)
        {
            using var shim = new UdpShim(address, new() { Seed = seed, Loss = loss, Corruption = corruption });
            using var client = OurEnd.Client(QuichePeer.Alpn, Lossy.Options);
            completed += TryCall(client, shim.Front, process, streams: 1, bytes: 1000, out _) is null ? 1 : 0;
        }
        Assert.InRange(completed, LeastCompleted, Attempts);
    }

    [Theory] // transferloss, transfercorruption
    [InlineData(0.02, 0)]
    [InlineData(0, 0.02)]
    public void Most_transfers_complete_though_one_in_fifty_datagrams_is_lost_or_damaged(double loss, double corruption)
    {
        var (process, address) = QuichePeer.Server(Certificate);
        using var ending = process;
        var completed = 0;
        for (var seed = 1; seed <= Attempts && !(completed == 1 && !Needs.All); seed++)
        {
            using var shim = new UdpShim(address, new() { Seed = seed, Loss = loss, Corruption = corruption });
            using var client = OurEnd.Client(QuichePeer.Alpn, Lossy.Options);
            completed += TryCall(client, shim.Front, process, streams: 1, bytes: 500_000, out _) is null ? 1 : 0;
        }
        // Not all: a probe of this server may be an ACK alone, which asks for nothing, until its idle timeout (docs/interop.md).
        Assert.InRange(completed, LeastCompleted, Attempts);
    }

    [Fact] // blackhole
    public void A_transfer_survives_two_seconds_in_which_nothing_passes()
    {
        var (process, address) = QuichePeer.Server(Certificate);
        using var ending = process;
        using var shim = new UdpShim(address, new());
        using var client = OurEnd.Client(QuichePeer.Alpn);
        var isDark = false;
        Call(client, shim.Front, process, streams: 1, bytes: 1 << 20, _ =>
        {
            if (!isDark && shim.DatagramsToClient > 100) { shim.Blackhole(TimeSpan.FromSeconds(2)); isDark = true; }
        });
        Assert.True(isDark);
    }

    [Fact] // longrtt
    public void A_handshake_and_a_transfer_complete_over_a_round_trip_of_750_ms()
    {
        var (process, address) = QuichePeer.Server(Certificate);
        using var ending = process;
        using var shim = new UdpShim(address, new() { Delay = TimeSpan.FromMilliseconds(375) });
        using var client = OurEnd.Client(QuichePeer.Alpn);
        Call(client, shim.Front, process, streams: 1, bytes: 50_000);
    }
}
