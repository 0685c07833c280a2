using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Coco.Transport.Udp;

namespace Coco.Benchmarks.Pipeline;

/// <summary>
/// What is the most that encrypt → send → receive → decrypt can carry, with nothing of a protocol around it? No streams, no
/// recovery, no congestion control: the sender keeps at most 512 packets in flight, so none is lost. It is a ceiling, not a product.
/// </summary>
internal static class PipelineEnds
{
    private const int Window = 512;

    // Chosen: the receiver acknowledges each batch, or every 32nd packet where they come alone, a 16th of the window.
    private const int AcknowledgeEvery = 32;

    /// <summary>pipeline-rx ADDRESS PORT gso|socket chacha20|aes128gcm: receives one transfer, prints what it took.</summary>
    public static int Receive(string[] args)
    {
        using var link = PipelineLink.Bind(args[2], IPEndPoint.Parse($"{args[0]}:{args[1]}"));
        var aead = PipelinePacket.Aead(args[3]);
        var buffer = GC.AllocateUninitializedArray<byte>(UdpChannel.ReceiveBufferSize, pinned: true);
        var acknowledgement = new byte[9];
        var (bytes, bad, unacknowledged) = (0L, 0, 0);
        var (start, cpuBefore, measuring) = (0L, TimeSpan.Zero, false);
        Console.WriteLine("listening");

        while (true)
        {
            var length = link.Receive(buffer, out var size);
            for (var at = 0; at < length; at += size)
            {
                var packet = buffer.AsSpan(at, Math.Min(size, length - at));
                if (!PipelinePacket.TryOpen(aead, packet, out var number, out var phase)) { bad++; continue; }

                if (phase is PipelinePhase.Measured)
                {
                    if (!measuring) { (start, cpuBefore, measuring) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, true); }
                    bytes += PipelinePacket.PayloadSize;
                }

                BinaryPrimitives.WriteUInt64BigEndian(acknowledgement, number + 1);
                acknowledgement[8] = (byte)phase;
                unacknowledged++;
            }

            var ended = acknowledgement[8] == (byte)PipelinePhase.End;
            if (unacknowledged >= AcknowledgeEvery || (unacknowledged > 0 && link.BatchPackets > 1) || ended)
            {
                link.Send(acknowledgement, acknowledgement.Length);
                unacknowledged = 0;
            }

            if (!ended) { continue; }
            Print("received", bytes, Stopwatch.GetElapsedTime(start), Environment.CpuUsage.TotalTime - cpuBefore, $"bad={bad}");
            return bad == 0 ? 0 : 1;
        }
    }

    /// <summary>pipeline-tx ADDRESS PORT gso|socket chacha20|aes128gcm SECONDS: sends for so long, after a second of warming up.</summary>
    public static int Send(string[] args)
    {
        using var link = PipelineLink.Bind(args[2], new(IPAddress.Any, 0));
        link.SetRemote(IPEndPoint.Parse($"{args[0]}:{args[1]}"));
        var sender = new Sender(link, args[3]);

        sender.SendFor(TimeSpan.FromSeconds(1), PipelinePhase.WarmUp);
        var (start, cpuBefore) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var bytes = sender.SendFor(TimeSpan.FromSeconds(double.Parse(args[4], CultureInfo.InvariantCulture)), PipelinePhase.Measured);
        var (wall, cpu) = (Stopwatch.GetElapsedTime(start), Environment.CpuUsage.TotalTime - cpuBefore);

        sender.SendEnd();
        Print("sent", bytes, wall, cpu, $"lost={sender.Lost}");
        return 0;
    }

    private static void Print(string what, long bytes, TimeSpan wall, TimeSpan cpu, string rest) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what} bytes={bytes} wall={wall.TotalSeconds:F4} cpu={cpu.TotalSeconds:F4} gbps={bytes * 8 / wall.TotalSeconds / 1e9:F3} {rest}"));

    private sealed class Sender(PipelineLink link, string cipher)
    {
        private readonly Coco.Crypto.PacketAead _aead = PipelinePacket.Aead(cipher);
        private readonly byte[] _payload = [.. Enumerable.Range(0, PipelinePacket.PayloadSize).Select(i => (byte)i)];
        private readonly byte[] _batch = GC.AllocateUninitializedArray<byte>(link.BatchPackets * PipelinePacket.Size, pinned: true);
        private readonly byte[] _receive = GC.AllocateUninitializedArray<byte>(UdpChannel.ReceiveBufferSize, pinned: true);
        private ulong _next;
        private ulong _acknowledged;
        private PipelinePhase _acknowledgedPhase;

        /// <summary>Packets given up because no acknowledgement came for 200 ms.</summary>
        public ulong Lost { get; private set; }

        public long SendFor(TimeSpan time, PipelinePhase phase)
        {
            var (start, first) = (Stopwatch.GetTimestamp(), _next);
            while (Stopwatch.GetElapsedTime(start) < time)
            {
                if (_next - _acknowledged + (ulong)link.BatchPackets > Window) { TakeAcknowledgement(); continue; }

                for (var i = 0; i < link.BatchPackets; i++)
                {
                    PipelinePacket.Seal(_aead, _next++, phase, _payload, _batch.AsSpan(i * PipelinePacket.Size, PipelinePacket.Size));
                }

                link.Send(_batch, PipelinePacket.Size);
            }

            return (long)(_next - first) * PipelinePacket.PayloadSize;
        }

        public void SendEnd()
        {
            for (var tries = 0; tries < 20 && _acknowledgedPhase is not PipelinePhase.End; tries++)
            {
                PipelinePacket.Seal(_aead, _next++, PipelinePhase.End, _payload, _batch.AsSpan(0, PipelinePacket.Size));
                link.Send(_batch.AsSpan(0, PipelinePacket.Size), PipelinePacket.Size);
                while (_acknowledged < _next && _acknowledgedPhase is not PipelinePhase.End) { TakeAcknowledgement(); }
            }
        }

        private void TakeAcknowledgement()
        {
            var length = link.Receive(_receive, out var size);
            if (length == 0)
            {
                Lost += _next - _acknowledged;
                _acknowledged = _next;
            }

            for (var at = 0; at + 9 <= length; at += size) // the newest stands last
            {
                _acknowledged = Math.Max(_acknowledged, BinaryPrimitives.ReadUInt64BigEndian(_receive.AsSpan(at)));
                _acknowledgedPhase = (PipelinePhase)_receive[at + 8];
            }
        }
    }
}
