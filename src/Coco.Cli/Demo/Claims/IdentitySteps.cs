using Coco.Crypto;
using Coco.Quic.Connections;
using Coco.Quic.Tls;

namespace Coco.Cli.Demo.Claims;

/// <summary>Who gets to talk to whom: proof both ways, an impostor refused, a stranger left in silence.</summary>
internal static class IdentitySteps
{
    private const int Handshakes = 21;
    private const ulong WrongIdentity = (ulong)Quic.QuicErrorCode.CryptoError + (ulong)AlertDescription.CertificateUnknown;

    // Chosen: the caller asks again after 1 s (RFC 9002 §6.2.2), so that bob is silent to more than one attempt.
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(1200);

    public static void Run(DemoPair pair, DemoReport report)
    {
        report.Heading("identity");
        report.Note($"alice  {pair.Alice.Id}  {pair.Alice.Address}");
        report.Note($"bob    {pair.Bob.Id}  {pair.Bob.Address}");
        ShakeHands(pair, report);
        ProveBothWays(pair, report);
        RefuseImpostor(pair, report);
        IgnoreStranger(pair, report);
    }

    private static void ShakeHands(DemoPair pair, DemoReport report)
    {
        var first = pair.Connect();
        var times = new TimeSpan[Handshakes];
        for (var i = 0; i < Handshakes; i++)
        {
            pair.Close(0, "");
            times[i] = pair.Connect();
        }
        Array.Sort(times);
        report.Fact(
            $"handshake in {times[Handshakes / 2].TotalMilliseconds:F1} ms, median of {Handshakes} (the first, "
            + $"with code still being compiled, {first.TotalMilliseconds:F0} ms)");
    }

    private static void ProveBothWays(DemoPair pair, DemoReport report)
    {
        DemoReport.Require(pair.AtAlice.PeerId == pair.Bob.Id, "alice reached somebody else than bob");
        DemoReport.Require(pair.AtBob.PeerId == pair.Alice.Id, "bob took the caller for somebody else than alice");
        report.Fact("bob proved to alice that he holds bob's key, alice proved hers to bob: no certificates, no names");

        var (ours, theirs) = (new byte[32], new byte[32]);
        var exported = pair.AtAlice.TryExportKeyingMaterial("EXPORTER-coco-demo"u8, [], ours)
            && pair.AtBob.TryExportKeyingMaterial("EXPORTER-coco-demo"u8, [], theirs);
        DemoReport.Require(exported && ours.AsSpan().SequenceEqual(theirs), "the two ends do not share one secret");
        report.Fact("both ends derive one secret, so nobody sits between them");
    }

    /// <summary>The impostor knows whom the caller wants, and answers at the address, but has a key of its own only.</summary>
    private static void RefuseImpostor(DemoPair pair, DemoReport report)
    {
        using var impostor = new DemoNode(options => options with { Tls = new TlsOptions { RequireServerNameToken = false } });
        using var call = pair.Alice.Connect(impostor.Address, expected: pair.Bob.Id);
        DemoLoop.Until(
            "alice did not refuse an impostor",
            () => call.State is not ConnectionState.Handshaking, pair.Alice, impostor);

        var refused = call.CloseReason is { Kind: CloseKind.LocalTransport, Code: WrongIdentity };
        DemoReport.Require(refused, $"alice ended a call to an impostor for another reason: {call.CloseReason?.Message}");
        DemoLoop.For(TimeSpan.FromMilliseconds(50), pair.Alice, impostor);
        DemoReport.Require(!impostor.Host.Endpoint.TryAccept(out _) && call.PeerId == default, "an impostor got a connection");
        DemoReport.Require(
            !call.TryOpenStream(bidirectional: false, out _) && !call.TrySendDatagram([0]),
            "alice would talk to an impostor");
        report.Fact("an impostor that answers in bob's place with its own key is refused before any application byte");
    }

    /// <summary>The stranger knows the address but not who lives there.</summary>
    private static void IgnoreStranger(DemoPair pair, DemoReport report)
    {
        using var stranger = new DemoNode();
        using var anybody = IdentityKey.Generate();
        var heard = pair.Bob.Host.DatagramsReceived;
        using var call = stranger.Connect(pair.Bob.Address, expected: anybody.Id);
        DemoLoop.For(Silence, stranger, pair.Bob);

        heard = pair.Bob.Host.DatagramsReceived - heard;
        DemoReport.Require(heard > 0, "the stranger's packets did not arrive, so that bob's silence means nothing");
        DemoReport.Require(stranger.Host.DatagramsReceived == 0, "bob answered a stranger");
        report.Fact(
            $"a stranger who knows bob's address but not his identity sent "
            + $"{heard} datagrams within {Silence.TotalSeconds:F1} s and got 0 bytes back");
    }
}
