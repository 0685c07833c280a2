using System.Diagnostics;
using System.Text.Json;
using Coco.Crypto;

namespace Coco.Benchmarks;

/// <summary>
/// Which backend seals and opens QUIC packets fastest, and by how much over the platform's classes? Backends take turns within
/// each round, so that a noisy machine is noisy for all of them, and medians over rounds are compared.
/// </summary>
public static class AeadBench
{
    private const int AadLength = 16;
    private const int CallsPerTurn = 20_000;

    private static readonly AeadBackend[] Candidates = [AeadBackend.Platform, AeadBackend.Sodium, AeadBackend.OpenSsl];

    private enum Work
    {
        Seal,
        Open,
        SealAndMask,
    }

    /// <summary>Runs it. Options: --json for one object a line, --rounds N (default 9).</summary>
    public static int Run(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        var json = args.Contains("--json");
        var at = Array.IndexOf(args, "--rounds");
        var rounds = at >= 0 && at + 1 < args.Length && int.TryParse(args[at + 1], out var given) ? Math.Max(1, given) : 9;

        foreach (var (name, create) in new (string, Func<AeadBackend, PacketAead>)[]
        {
            ("chacha20-poly1305", PacketAead.ChaCha20Poly1305), ("aes-128-gcm", PacketAead.Aes128Gcm),
        })
        {
            var present = Present(create);
            foreach (var work in Enum.GetValues<Work>())
            {
                foreach (var size in new[] { 1200, 1400 })
                {
                    Report(name, work, size, Measure(present, work, size, rounds), json);
                }
            }
        }
        return 0;
    }

    private static List<(AeadBackend Backend, PacketAead Aead)> Present(Func<AeadBackend, PacketAead> create)
    {
        var present = new List<(AeadBackend, PacketAead)>();
        foreach (var backend in Candidates)
        {
            try { present.Add((backend, create(backend))); }
            catch (Exception e) when (e is PlatformNotSupportedException or DllNotFoundException) { continue; }
        }
        return present;
    }

    private static List<(AeadBackend Backend, double PerSecond)> Measure(
        List<(AeadBackend Backend, PacketAead Aead)> present, Work work, int size, int rounds)
    {
        var samples = present.ConvertAll(_ => new List<double>(rounds));
        for (var round = -1; round < rounds; round++) // round -1 warms up
        {
            for (var i = 0; i < present.Count; i++)
            {
                var perSecond = Turn(present[i].Aead, work, size);
                if (round >= 0) { samples[i].Add(perSecond); }
            }
        }
        return [.. present.Select((p, i) => (p.Backend, samples[i].Order().ElementAt(rounds / 2)))];
    }

    // Key and header protection key stay, the nonce changes: what a busy connection does. Opening works on fresh copies of one
    // sealed packet; the copy of 1.4 KB costs some 20 ns, the same for each backend.
    private static double Turn(PacketAead aead, Work work, int size)
    {
        var key = new byte[aead.KeySize];
        var nonce = new byte[PacketAead.NonceSize];
        var aad = new byte[AadLength];
        var mask = new byte[PacketAead.MaskSize];
        var buffer = new byte[size + PacketAead.TagSize];
        aead.Seal(key, nonce, aad, buffer);
        var sealedPacket = buffer.ToArray();

        var start = Stopwatch.GetTimestamp();
        for (var call = 0; call < CallsPerTurn; call++)
        {
            if (work is Work.Open)
            {
                sealedPacket.CopyTo(buffer, 0);
                if (!aead.TryOpen(key, nonce, aad, buffer)) { throw new InvalidOperationException("A packet did not open."); }
                continue;
            }
            nonce[call & 7]++;
            aead.Seal(key, nonce, aad, buffer);
            if (work is Work.SealAndMask) { aead.HeaderMask(key, buffer.AsSpan(4, PacketAead.SampleSize), mask); }
        }
        return CallsPerTurn / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void Report(string name, Work work, int size, List<(AeadBackend Backend, double PerSecond)> medians, bool json)
    {
        var platform = medians.Find(m => m.Backend is AeadBackend.Platform).PerSecond;
        foreach (var (backend, perSecond) in medians)
        {
            var metric = $"{name} {work} {size} B, {backend}, ops/s";
            var ratio = platform > 0 ? perSecond / platform : 0;
            Console.WriteLine(json
                ? JsonSerializer.Serialize(new
                {
                    bench = "aead", metric, value = Math.Round(perSecond), peer = "System.Security.Cryptography",
                    peer_value = Math.Round(platform), ratio = Math.Round(ratio, 3),
                })
                : $"{metric,-60} {perSecond,12:N0}   x {ratio:F2} of the platform's class");
        }
    }
}
