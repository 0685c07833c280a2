using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using Coco.Quic.Connections;
using Coco.Quic.Paths;

namespace Coco.Cli.Demo.Claims;

/// <summary>The live connection moves to other sockets while a stream runs: the caller's end first, then the other.</summary>
internal static class MovingSteps
{
    private const int MiB = 1 << 20;
    private const int StreamBytes = 64 * MiB;

    public static void Run(DemoPair pair, DemoReport report)
    {
        report.Heading($"moving, while {StreamBytes / MiB} MiB go from alice to bob");
        DemoReport.Require(
            pair.AtAlice.IsMigrationSymmetric && pair.AtBob.IsMigrationSymmetric,
            "the two ends did not agree that either may move");
        var data = RandomNumberGenerator.GetBytes(StreamBytes);
        using var transfer = new Transfer(pair.AtAlice, pair.AtBob, data);

        pair.Run("the stream stopped", () => transfer.Advance() || transfer.BytesReceived > StreamBytes / 3);
        Move("alice", pair.Alice, pair.AtAlice, pair.AtBob, pair.Bob);
        pair.Run(
            "the stream stopped after alice moved",
            () => transfer.Advance() || transfer.BytesReceived > StreamBytes / 3 * 2);
        Move("bob", pair.Bob, pair.AtBob, pair.AtAlice, pair.Alice);
        var left = StreamBytes - transfer.BytesReceived;
        var before = pair.AtBob.Statistics.BytesReceived;
        pair.Run("the stream stopped after bob moved", transfer.Advance);

        DemoReport.Require(
            pair.AtBob.Statistics.BytesReceived - before >= left / 2,
            "the rest of the stream did not come by the new path");
        DemoReport.Require(
            transfer.TakeHash().AsSpan().SequenceEqual(SHA256.HashData(data)),
            "the stream that moved arrived changed");
        report.Fact(
            $"no byte lost, doubled or reordered: {StreamBytes / MiB} MiB in {transfer.Elapsed.TotalSeconds:F2} s, "
            + "the same SHA-256 at both ends");

        void Move(string name, DemoNode mover, QuicConnection moving, QuicConnection following, DemoNode other)
        {
            DemoReport.Require(!transfer.IsDone, $"the stream was over before {name} moved");
            var at = transfer.BytesReceived;
            var from = mover.Address;
            var path = mover.OpenSocketTowards(other.Address);
            var start = Stopwatch.GetTimestamp();
            while (moving.TryTakeEvent(out _)) { }

            DemoReport.Require(moving.TryProbePath(path, mover.Host.Now), $"{name} could not try another socket");
            pair.Run(
                $"the path from {name}'s new socket was not proved",
                () => transfer.Advance() | IsProved(moving, path.Id));
            DemoReport.Require(moving.TrySwitchPath(path.Id, mover.Host.Now), $"{name} could not move to another socket");
            pair.Run(
                $"the other end did not follow {name}",
                () => transfer.Advance() | RemoteOf(following, other).Equals(mover.Address));

            DemoReport.Require(
                moving.ActivePath == path.Id && RemoteOf(following, other).Equals(mover.Address),
                $"the two ends did not move together with {name}");
            DemoReport.Require(!transfer.IsDone, $"the stream was over before {name} had moved");
            report.Fact(
                $"{name} moved from port {from.Port} to {mover.Address.Port} at {at / MiB} MiB; the new path was proved first, "
                + $"and the move took {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F1} ms");
        }
    }

    private static IPEndPoint RemoteOf(QuicConnection connection, DemoNode node) => node.Host.RemoteOf(connection.ActivePath);

    private static bool IsProved(QuicConnection connection, PathId path)
    {
        while (connection.TryTakeEvent(out var happened))
        {
            if (happened.Kind is ConnectionEventKind.PathValidated && happened.Path == path) { return true; }
        }
        return false;
    }
}
