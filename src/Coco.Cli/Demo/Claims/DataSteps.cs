using System.Buffers.Binary;
using System.Security.Cryptography;
using Coco.Quic.Connections;

namespace Coco.Cli.Demo.Claims;

/// <summary>Streams and datagrams.</summary>
internal static class DataSteps
{
    private const int MiB = 1 << 20;
    private const int StreamBytes = 64 * MiB;
    private const int Datagrams = 10_000;
    private const int DatagramSize = 1000;
    private const int DatagramsAtOnce = 250; // well below what the receiver's queue holds between two looks at it

    public static void Run(DemoPair pair, DemoReport report)
    {
        report.Heading("data (both nodes, encryption and checksums share one core)");
        var data = RandomNumberGenerator.GetBytes(StreamBytes);
        var hash = SHA256.HashData(data);
        Stream("alice → bob", pair.AtAlice, pair.AtBob);
        Stream("bob → alice", pair.AtBob, pair.AtAlice);
        SendDatagrams(pair, report);

        void Stream(string direction, QuicConnection from, QuicConnection to)
        {
            using var transfer = new Transfer(from, to, data);
            pair.Run($"the stream {direction} did not arrive", transfer.Advance);
            DemoReport.Require(transfer.TakeHash().AsSpan().SequenceEqual(hash), $"the stream {direction} arrived changed");
            report.Fact(
                $"stream {direction}: {StreamBytes / MiB} MiB at {transfer.GigabitsPerSecond:F1} Gb/s, "
                + $"SHA-256 {Convert.ToHexStringLower(hash)[..8]}… at both ends");
        }
    }

    private static void SendDatagrams(DemoPair pair, DemoReport report)
    {
        var (sent, arrived) = (0, 0);
        var seen = new bool[Datagrams];
        var payload = RandomNumberGenerator.GetBytes(DatagramSize);
        var expected = payload.ToArray();
        var buffer = new byte[2048];
        var lastArrival = pair.Bob.Host.Now;
        var took = pair.Run("the datagrams did not get through", () =>
        {
            for (var i = 0; i < DatagramsAtOnce && sent < Datagrams; i++)
            {
                BinaryPrimitives.WriteInt32BigEndian(payload, sent);
                if (!pair.AtAlice.TrySendDatagram(payload)) { break; }
                sent++;
            }
            while (pair.AtBob.TryReceiveDatagram(buffer, out var length))
            {
                var number = BinaryPrimitives.ReadInt32BigEndian(buffer);
                var intact = length == DatagramSize && number >= 0 && number < sent && !seen[number]
                    && buffer.AsSpan(4, length - 4).SequenceEqual(expected.AsSpan(4));
                DemoReport.Require(intact, "a datagram arrived changed or twice");
                seen[number] = true;
                arrived++;
                lastArrival = pair.Bob.Host.Now;
            }
            // Datagrams may be lost (RFC 9221 §5.2): what has not come for a while will not.
            return sent == Datagrams && (arrived == Datagrams || pair.Bob.Host.Now - lastArrival > TimeSpan.FromMilliseconds(200));
        });
        DemoReport.Require(arrived >= Datagrams / 2, $"only {arrived} of {Datagrams} datagrams arrived");
        report.Fact(
            $"datagrams alice → bob: {arrived:N0} of {Datagrams:N0} arrived in {took.TotalMilliseconds:F0} ms, none changed, "
            + "none twice");
    }
}
