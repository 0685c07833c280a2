using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Media;

/// <summary>Who may send the stream instead (<see cref="MediaFrame.Redirect"/>).</summary>
/// <param name="Epoch">The stream's.</param>
/// <param name="Nodes">Who.</param>
internal sealed record RedirectWords(ulong Epoch, IReadOnlyList<NodeId> Nodes)
{
    public byte[] Encode()
    {
        var bytes = new byte[sizeof(ulong) + 1 + (Nodes.Count * NodeId.Size)];
        var writer = new SpanWriter(bytes);
        writer.WriteUInt64(Epoch);
        MediaText.Write(ref writer, Nodes);
        return bytes[..writer.Position];
    }

    public static RedirectWords? TryRead(ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        return reader.TryReadUInt64(out var epoch) && MediaText.TryReadNodes(ref reader) is { } nodes ? new(epoch, nodes) : null;
    }
}
