using Coco.Crypto;

namespace Coco.Topics;

/// <summary>Who may read and write what a filter is for, and the keys this node has of it.</summary>
/// <param name="filter">Which topics.</param>
/// <param name="author">The node that made the list.</param>
/// <param name="time">When.</param>
/// <param name="keyId">Names the key in use.</param>
/// <param name="members">Those who have it.</param>
/// <param name="keys">The keys this node has, by id.</param>
internal sealed class TopicKeyList(string filter, NodeId author, DateTimeOffset time, ulong keyId, IReadOnlySet<NodeId> members, Dictionary<ulong, byte[]> keys)
{
    public string Filter { get; } = filter;

    public NodeId Author { get; } = author;

    public DateTimeOffset Time { get; } = time;

    public ulong KeyId { get; } = keyId;

    public IReadOnlySet<NodeId> Members { get; } = members;

    public Dictionary<ulong, byte[]> Keys { get; } = keys;

    /// <summary>Whether this node has the key in use.</summary>
    public bool IsOpen => Keys.ContainsKey(KeyId);
}
