using Coco.Quic.Packets;
using Coco.Quic.Tests.Fuzzing;
using Coco.Quic.Tls;

namespace Coco.Quic.Tests.Tls;

/// <summary>
/// Messages changed on their way, at every state of both roles. Their number is a share of <see cref="FuzzBudget"/>; COCO_FUZZ_SEED repeats
/// a single one that failed.
/// </summary>
public sealed class HandshakeFuzzTests
{
    /// <summary>What one handshake with changed messages may allocate: a few times the largest message and its reasons.</summary>
    private const long MaxAllocation = 256 * 1024;

    [Fact]
    public void Changed_messages_never_throw_never_complete_and_never_take_much_memory()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("COCO_FUZZ_SEED"), out var seed))
        {
            Run(seed);
            return;
        }

        var count = FuzzBudget.Share(15);
        for (var i = 0; i < count; i++) { Run(i); }
        Figures.Add("fuzz inputs, handshakes with changed messages", $"{count:N0}, 0 failed");
    }

    private static void Run(int seed)
    {
        try
        {
            RunOne(new Random(seed));
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"COCO_FUZZ_SEED={seed}: {e.Message}", e);
        }
    }

    private static void RunOne(Random random)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var (stage, target, changed) = (0, random.Next(4), false);
        using var pair = new HandshakePair(seed: (ulong)random.Next(1, 1000))
        {
            ChunkSize = random.Next(4) == 0 ? random.Next(1, 200) : int.MaxValue,
        };
        pair.Change = (_, _, data) =>
        {
            if (stage++ != target) { return data; }
            var mutated = Mutate(random, data);
            changed |= !mutated.AsSpan().SequenceEqual(data);
            return mutated;
        };
        pair.Run();

        var complete = pair.Client.State is HandshakeState.Complete && pair.Server.State is HandshakeState.Complete;
        Assert.True(
            complete != changed, changed ? "a changed message went unnoticed" : "an unchanged handshake did not complete");
        if (pair.Client.State is HandshakeState.Complete) { Feed(random, pair.Client); }
        Feed(random, pair.Server);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxAllocation);
    }

    /// <summary>Noise after the end, at any level: to be ignored or refused.</summary>
    private static void Feed(Random random, TlsHandshake handshake)
    {
        for (var i = 0; i < 4; i++)
        {
            var noise = new byte[random.Next(40)];
            random.NextBytes(noise);
            if (noise.Length > 4) { ((ReadOnlySpan<byte>)[4, 0, 0, (byte)random.Next(40)]).CopyTo(noise); }
            handshake.HandleCrypto((EncryptionLevel)random.Next(4), noise);
        }
    }

    private static byte[] Mutate(Random random, byte[] data)
    {
        var copy = data.ToArray();
        switch (random.Next(8))
        {
            case 0: // a few bits
                for (var i = random.Next(1, 4); i > 0; i--) { copy[random.Next(copy.Length)] ^= (byte)(1 << random.Next(8)); }
                return copy;
            case 1: // cut short
                return copy[..random.Next(copy.Length)];
            case 2: // a byte that may be a length
                copy[random.Next(copy.Length)] = (byte)random.Next(256);
                return copy;
            case 3: // the length of a message
                var messages = EditableMessage.Split(copy);
                messages[random.Next(messages.Count)][random.Next(1, 4)] = (byte)random.Next(256);
                return messages.SelectMany(message => message).ToArray();
            case 4: // another order, or the same twice
                var order = EditableMessage.Split(copy);
                order.Insert(random.Next(order.Count + 1), order[random.Next(order.Count)]);
                if (random.Next(2) == 0) { order.RemoveAt(random.Next(order.Count)); }
                return order.SelectMany(message => message).ToArray();
            case 5: // bytes put in
                var noise = new byte[random.Next(1, 300)];
                random.NextBytes(noise);
                var at = random.Next(copy.Length + 1);
                return [.. copy[..at], .. noise, .. copy[at..]];
            case 6: // a part taken out
                var from = random.Next(copy.Length);
                return [.. copy[..from], .. copy[random.Next(from, copy.Length)..]];
            default: // extensions shuffled, emptied, repeated or replaced
                var parts = EditableMessage.Split(copy);
                var which = random.Next(parts.Count);
                var message = EditableMessage.Parse(parts[which]);
                Rearrange(random, message);
                parts[which] = message.ToArray();
                return parts.SelectMany(part => part).ToArray();
        }
    }

    private static void Rearrange(Random random, EditableMessage message)
    {
        if (message.Extensions.Count == 0) { return; }
        var at = random.Next(message.Extensions.Count);
        var (type, data) = message.Extensions[at];
        var other = new byte[random.Next(70)];
        random.NextBytes(other);
        switch (random.Next(5))
        {
            case 0: message.Extensions.RemoveAt(at); break;
            case 1: message.Extensions.Add((type, data)); break;
            case 2: message.Extensions[at] = (type, other); break;
            case 3: message.Extensions[at] = (type, data[..random.Next(data.Length + 1)]); break;
            default: message.Extensions.Insert(random.Next(message.Extensions.Count), ((ushort)random.Next(60), other)); break;
        }
    }
}
