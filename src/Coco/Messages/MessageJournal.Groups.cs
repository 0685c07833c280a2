using System.Text;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Messages;

/// <content>Groups: sets of receivers that this node has named.</content>
internal sealed partial class MessageJournal
{
    private readonly Dictionary<string, NodeId[]> _groups = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, IReadOnlyList<NodeId>> Groups
    {
        get
        {
            lock (_lock) { return _groups.ToDictionary(static pair => pair.Key, static pair => (IReadOnlyList<NodeId>)pair.Value, StringComparer.Ordinal); }
        }
    }

    public NodeId[]? FindGroup(string name)
    {
        lock (_lock) { return _groups.GetValueOrDefault(name); }
    }

    /// <summary>Names a set of nodes, or an empty one no more.</summary>
    public void SetGroup(string name, NodeId[] nodes, out Task committed)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
            if (nodes.Length > 0 && !_groups.ContainsKey(name) && _groups.Count >= _options.MaxGroups) { throw new CocoException(CocoError.Overloaded, "There are too many groups. Remove some."); }
            AppendGroup(name, nodes, out committed);
            if (nodes.Length == 0) { _groups.Remove(name); }
            else { _groups[name] = nodes; }
        }
    }

    private void AppendGroup(string name, NodeId[] nodes, out Task committed)
    {
        var text = Encoding.UTF8.GetBytes(name);
        var record = new byte[1 + VarInt.MaxLength + text.Length + (nodes.Length * NodeId.Size)];
        var writer = new SpanWriter(record);
        writer.WriteByte((byte)JournalRecordKind.Group);
        writer.WriteVarInt((ulong)text.Length);
        writer.WriteBytes(text);
        foreach (var node in nodes) { node.CopyTo(writer.Reserve(NodeId.Size)); }
        Append(writer.Written, default, isNeeded: false, isUrgent: true, out committed);
    }

    private void ReplayGroup(ref SpanReader reader)
    {
        if (!reader.TryReadVarIntBytes(out var name)) { return; }
        var nodes = new List<NodeId>();
        while (reader.TryReadBytes(NodeId.Size, out var node)) { nodes.Add(NodeId.Read(node)); }
        if (nodes.Count == 0) { _groups.Remove(Encoding.UTF8.GetString(name)); }
        else { _groups[Encoding.UTF8.GetString(name)] = [.. nodes]; }
    }
}
