using System.Text;
using Coco.Cluster;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Media;

/// <summary>What a subscriber asks for first (<see cref="MediaFrame.Subscribe"/>).</summary>
/// <param name="Number">Of the subscription, the subscriber's.</param>
/// <param name="Producer">Whose stream.</param>
/// <param name="Name">Its name.</param>
/// <param name="WantsSignatures">Whether signatures are needed.</param>
/// <param name="Copies">How many it would send on.</param>
/// <param name="Avoided">Nodes that it could not use.</param>
/// <param name="Tracks">Tracks that are wanted; none for all.</param>
internal sealed record SubscribeWords(
    ulong Number, NodeId Producer, string Name, bool WantsSignatures, int Copies, IReadOnlyList<NodeId> Avoided, IReadOnlyList<string> Tracks)
{
    public byte[] Encode()
    {
        var bytes = new byte[(5 * VarInt.MaxLength) + NodeId.Size + Name.Length + 2 + (Avoided.Count * NodeId.Size) + (Tracks.Count * (1 + Labels.MaxLength))];
        var writer = new SpanWriter(bytes);
        writer.WriteVarInt(Number);
        Producer.CopyTo(writer.Reserve(NodeId.Size));
        MediaText.Write(ref writer, Name);
        writer.WriteByte(WantsSignatures ? (byte)1 : (byte)0);
        writer.WriteVarInt((ulong)Copies);
        MediaText.Write(ref writer, Avoided);
        writer.WriteVarInt((ulong)Tracks.Count);
        foreach (var track in Tracks) { MediaText.Write(ref writer, track); }
        return bytes[..writer.Position];
    }

    public static SubscribeWords? TryRead(ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        if (!reader.TryReadVarInt(out var number) || !reader.TryReadBytes(NodeId.Size, out var producer) || !reader.TryReadVarIntBytes(out var name)) { return null; }
        if (name.Length > StreamNames.MaxLength) { return null; }
        var text = Encoding.ASCII.GetString(name);
        if (!StreamNames.IsValid(text)) { return null; }
        if (!reader.TryReadByte(out var flags) || !reader.TryReadVarInt(out var copies)) { return null; }
        if (MediaText.TryReadNodes(ref reader) is not { } avoided || !reader.TryReadVarInt(out var count) || count > StreamDescription.MaxTracks) { return null; }
        var tracks = new List<string>();
        for (var i = 0; i < (int)count; i++)
        {
            if (MediaText.TryReadLabel(ref reader) is not { } track) { return null; }
            tracks.Add(track);
        }
        return new(number, NodeId.Read(producer), text, (flags & 1) != 0, (int)Math.Min(copies, 65_536), avoided, tracks);
    }
}
