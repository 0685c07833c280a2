using System.Security.Cryptography;
using Coco.Quic.Connections;

namespace Coco.Cli.Demo.Claims;

/// <summary>New keys for a connection that lives long, and its end.</summary>
internal static class EndSteps
{
    private const ulong Code = 7;
    private const string Reason = "that was all";

    public static void Run(DemoPair pair, DemoReport report)
    {
        report.Heading("keys and end");
        UpdateKeys(pair, report);
        Close(pair, report);
    }

    private static void UpdateKeys(DemoPair pair, DemoReport report)
    {
        var (before, lost) = (pair.AtBob.KeyUpdates, pair.AtAlice.Statistics.PacketsLost);
        DemoReport.Require(pair.AtAlice.TryUpdateKeys(), "alice could not start a key update");
        var data = RandomNumberGenerator.GetBytes(1 << 20);
        using var transfer = new Transfer(pair.AtBob, pair.AtAlice, data);
        pair.Run("nothing arrived after the key update", transfer.Advance);

        DemoReport.Require(
            transfer.TakeHash().AsSpan().SequenceEqual(SHA256.HashData(data)),
            "what was sent after the key update arrived changed");
        DemoReport.Require(
            pair.AtBob.KeyUpdates == before + 1 && pair.AtAlice.KeyUpdates == pair.AtBob.KeyUpdates,
            "the two ends did not change keys together");
        lost = pair.AtAlice.Statistics.PacketsLost - lost;
        report.Fact($"alice asked for fresh keys, bob followed; 1 MiB under them arrived whole, {lost} packets lost on the way");
    }

    private static void Close(DemoPair pair, DemoReport report)
    {
        pair.Close(Code, Reason);
        var reason = pair.AtBob.CloseReason;
        DemoReport.Require(
            reason is { Kind: CloseKind.PeerApplication, Code: Code, Message: Reason },
            $"bob was not told why the connection ended, but: {reason}");
        report.Fact(
            $"alice closed with code {Code}, \"{Reason}\"; bob was told so, and neither end keeps anything of the connection");
    }
}
