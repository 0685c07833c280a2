using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Media;

/// <summary>How far a stream is, by which way it comes, and what it consists of (<see cref="MediaFrame.State"/>).</summary>
/// <param name="Time">Of the stream.</param>
/// <param name="Way">Nodes from the producer to the sender.</param>
/// <param name="Description">Signed.</param>
internal sealed record StateWords(TimeSpan Time, IReadOnlyList<NodeId> Way, byte[] Description)
{
    public byte[] Encode()
    {
        var bytes = new byte[VarInt.MaxLength + 1 + (Way.Count * NodeId.Size) + Description.Length];
        var writer = new SpanWriter(bytes);
        writer.WriteVarInt((ulong)Time.Ticks / TimeSpan.TicksPerMicrosecond);
        MediaText.Write(ref writer, Way);
        writer.WriteBytes(Description);
        return bytes[..writer.Position];
    }

    public static StateWords? TryRead(ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        if (!reader.TryReadVarInt(out var time) || time > long.MaxValue / 100 || MediaText.TryReadNodes(ref reader) is not { Count: > 0 } way) { return null; }
        return new(TimeSpan.FromMicroseconds((long)time), way, reader.ReadToEnd().ToArray());
    }
}
