using Coco.Crypto;

namespace Coco.Messages;

/// <content>Groups: names of this node's for several receivers.</content>
public sealed partial class NodeMessages
{
    /// <summary>The groups that this node has named.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<NodeId>> Groups => _journal.Groups;

    /// <summary>Names a set of nodes, for <see cref="SendToGroupAsync"/> here; others do not learn of it. It is kept in the node's store.</summary>
    /// <param name="name">1 to 255 characters. A group of that name is replaced.</param>
    /// <param name="nodes">Its nodes, at most 10,000; with none the group is gone.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task SetGroupAsync(string name, IEnumerable<NodeId> nodes, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, 255, nameof(name));
        var distinct = nodes.Distinct().ToArray();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(distinct.Length, 10_000, nameof(nodes));
        _journal.SetGroup(name, distinct, out var committed);
        return MessageJournal.StoredAsync(committed, cancellationToken);
    }

    /// <summary>Sends a message to each node of a group but this one: one that this node has named, or, where there is none of that name, the members that
    /// bear the name as a tag now.</summary>
    /// <param name="group">The group's name, or a tag.</param>
    /// <param name="data">What is sent.</param>
    /// <param name="options">What it is about, and how long it is kept.</param>
    /// <param name="cancellationToken">Ends the wait; the messages are sent all the same.</param>
    /// <exception cref="CocoException">There is no such group and no member with such a tag (<see cref="CocoError.NotFound"/>), or as for sending to one node.</exception>
    public Task<IReadOnlyList<SentMessage>> SendToGroupAsync(string group, ReadOnlyMemory<byte> data, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(group);
        NodeId[] nodes = _journal.FindGroup(group) ?? [.. _loop.View.Members.Where(member => member.Tags.Contains(group)).Select(static member => member.Id)];
        NodeId[] others = [.. nodes.Where(node => node != _loop.Self)];
        return others.Length > 0
            ? SendAsync(others, data, options, cancellationToken)
            : throw new CocoException(CocoError.NotFound, $"No group '{group}' is named here, and no other member has that tag. Name one with {nameof(SetGroupAsync)}.");
    }
}
