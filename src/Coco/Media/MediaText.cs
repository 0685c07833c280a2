using System.Text;
using Coco.Cluster;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Media;

/// <summary>Names and lists of nodes in frames.</summary>
internal static class MediaText
{
    /// <summary>Nodes a list may have.</summary>
    public const int MaxNodes = 8;

    public static void Write(ref SpanWriter writer, string text)
    {
        writer.WriteVarInt((ulong)text.Length);
        writer.WriteBytes(Encoding.ASCII.GetBytes(text));
    }

    public static void Write(ref SpanWriter writer, IReadOnlyList<NodeId> nodes)
    {
        var count = Math.Min(nodes.Count, MaxNodes);
        writer.WriteByte((byte)count);
        for (var i = 0; i < count; i++) { nodes[i].CopyTo(writer.Reserve(NodeId.Size)); }
    }

    /// <summary>A frame whose body is a label.</summary>
    public static byte[] OfLabel(string label)
    {
        var bytes = new byte[1 + label.Length];
        var writer = new SpanWriter(bytes);
        Write(ref writer, label);
        return bytes;
    }

    public static string? TryReadLabel(ref SpanReader reader)
    {
        if (!reader.TryReadVarIntBytes(out var bytes) || bytes.Length > Labels.MaxLength) { return null; }
        var label = Encoding.ASCII.GetString(bytes);
        return Labels.IsValid(label) ? label : null;
    }

    public static IReadOnlyList<NodeId>? TryReadNodes(ref SpanReader reader)
    {
        if (!reader.TryReadByte(out var count) || count > MaxNodes) { return null; }
        var nodes = new List<NodeId>(count);
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadBytes(NodeId.Size, out var node)) { return null; }
            nodes.Add(NodeId.Read(node));
        }
        return nodes;
    }
}
