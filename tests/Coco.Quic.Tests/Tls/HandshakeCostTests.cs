using System.Diagnostics;
using Coco.Quic.Packets;
using Coco.Quic.Tls;

namespace Coco.Quic.Tests.Tls;

[Collection(Alone)] // memory is counted for the whole process
public sealed class HandshakeCostTests(ITestOutputHelper output)
{
    private const string Alone = "handshake cost";

    [Fact] // an idle connection fits in 4 KB, so little of it may be its finished handshake
    public void A_complete_handshake_keeps_less_than_600_bytes()
    {
        const int Count = 400;
        for (var i = 0; i < 20; i++) { new HandshakePair().Run().Dispose(); }

        var handshakes = new List<TlsHandshake>(2 * Count);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Count; i++)
        {
            var pair = new HandshakePair(SharedOptions, SharedOptions).Run();
            handshakes.Add(pair.Client);
            handshakes.Add(pair.Server);
        }

        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (2.0 * Count);
        output.WriteLine($"{each:F0} bytes");
        Assert.InRange(each, 0, 600);
        handshakes.ForEach(handshake => handshake.Dispose());
    }

    [Fact(Explicit = true)] // how long does one side of a handshake take?
    public void Time_per_side()
    {
        for (var round = 0; round < 5; round++)
        {
            const int Count = 2000;
            var (client, server) = (0L, 0L);
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Count; i++) { Handshake(ref client, ref server); }
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            var toMicroseconds = 1e6 / Stopwatch.Frequency / Count;
            output.WriteLine(
                $"client {client * toMicroseconds:F0} us, " +
                $"server {server * toMicroseconds:F0} us, {allocated / Count} B for both");
        }
    }

    private static readonly TlsOptions SharedOptions = new();

    private static void Handshake(ref long clientTicks, ref long serverTicks)
    {
        var start = Stopwatch.GetTimestamp();
        using var client = new ClientHandshake(
            SharedOptions, Coco.Crypto.RandomSource.System, HandshakePair.ClientKey, HandshakePair.ServerKey.Id,
            HandshakePair.ClientParameters);
        client.Start();
        client.TryTakeOutput(out _, out var hello);
        var clientHello = Stopwatch.GetTimestamp();

        using var server = new ServerHandshake(
            SharedOptions, Coco.Crypto.RandomSource.System, [HandshakePair.ServerKey], HandshakePair.ServerParameters);
        server.HandleCrypto(EncryptionLevel.Initial, hello.Span);
        server.TryTakeOutput(out _, out var serverHello);
        server.TryTakeOutput(out _, out var flight);
        var serverFlight = Stopwatch.GetTimestamp();

        client.HandleCrypto(EncryptionLevel.Initial, serverHello.Span);
        client.HandleCrypto(EncryptionLevel.Handshake, flight.Span);
        client.TryTakeOutput(out _, out var finished);
        var clientFlight = Stopwatch.GetTimestamp();

        server.HandleCrypto(EncryptionLevel.Handshake, finished.Span);
        var end = Stopwatch.GetTimestamp();
        clientTicks += clientHello - start + (clientFlight - serverFlight);
        serverTicks += serverFlight - clientHello + (end - clientFlight);
        Assert.Equal(HandshakeState.Complete, server.State);
    }

    [CollectionDefinition(Alone, DisableParallelization = true)]
    public sealed class Definition;
}
