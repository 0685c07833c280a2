using System.Buffers.Binary;
using Coco.Crypto;
using Coco.Topics.Core;

namespace Coco.Tests.Topics;

/// <summary>A keyed checksum in place of a signature, so that a thousand nodes are simulated in seconds.</summary>
internal sealed class CheapTopicSeal(NodeId self) : ITopicSeal
{
    public void Sign(ReadOnlySpan<byte> message, Span<byte> signature) => Fill(self, message, signature);

    public bool Verify(NodeId signer, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        Span<byte> expected = stackalloc byte[64];
        Fill(signer, message, expected);
        return expected.SequenceEqual(signature);
    }

    private static void Fill(NodeId signer, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        var state = InterestRecord.TagOf(signer);
        for (; message.Length >= 8; message = message[8..]) { state = InterestRecord.Mix(state ^ BinaryPrimitives.ReadUInt64LittleEndian(message)); }
        foreach (var one in message) { state = InterestRecord.Mix(state ^ one); }
        for (; signature.Length >= 8; signature = signature[8..])
        {
            state = InterestRecord.Mix(state + 1);
            BinaryPrimitives.WriteUInt64LittleEndian(signature, state);
        }
    }
}
