using Coco.Cluster.Membership;
using Coco.Crypto;
using Coco.Topics.Core;

namespace Coco.Topics;

/// <content>Restricted topics: sealed with a key that only some members have, and that changes when one of them is removed.</content>
public sealed partial class NodeTopics
{
    private readonly TopicKeys _keys;

    /// <summary>The keys this node has; to look at.</summary>
    internal TopicKeys Keys => _keys;

    /// <summary>Restricts topics to some members: what is published there is sealed with a key that only they have, whoever passes it on or keeps
    /// it. When one of them is removed from the network, or left out by a later call, the rest get a new key. For owners and admins.</summary>
    /// <param name="filter">Which topics.</param>
    /// <param name="members">Who may read and write, this node too if it is to. Nobody: the restriction is lifted.</param>
    /// <param name="cancellationToken">Ends the wait for others to be told.</param>
    /// <exception cref="CocoException"><see cref="CocoError.NotPermitted"/>: this node is no owner's or admin's.</exception>
    public async Task RestrictAsync(string filter, IReadOnlyCollection<NodeId> members, CancellationToken cancellationToken = default)
    {
        TopicFilter.Require(filter, _options.MaxTopicLength / 2 - TopicKeys.Prefix.Length);
        ArgumentNullException.ThrowIfNull(members);
        if (members.Count > _options.MaxRestrictedMembers) { throw new ArgumentException($"A restricted topic has at most {_options.MaxRestrictedMembers} members.", nameof(members)); }
        if (_loop.View.Role is not (Role.Owner or Role.Admin)) { throw new CocoException(CocoError.NotPermitted, "Only nodes of the owner or an admin restrict topics."); }
        var list = members.Count == 0 ? [] : TopicKeys.MakeList([.. members.Distinct()]);
        if (list.Length > _options.MaxMessageLength) { throw new ArgumentException($"The keys of {members.Count} members have {list.Length} bytes, more than a message's {_options.MaxMessageLength}.", nameof(members)); }
        Activate();
        await SettleAsync(SettleTime, cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
            PublishList(filter, list);
        }
        Flush();
    }

    private void PublishList(string filter, byte[] list)
    {
        _exchange.Publish(TopicKeys.TopicOf(filter), list, Retained, null, Now, Wall);
        SetTimer();
    }

    // What others are to see of a message; under the lock.
    private ReadOnlySpan<byte> Sealed(string topic, ReadOnlySpan<byte> data)
    {
        if (!_keys.HasAny || data.IsEmpty || _keys.Find(topic) is not { } list) { return data; }
        return list.IsOpen ? TopicKeys.Encrypt(list, topic, data)
            : throw new CocoException(CocoError.Denied, $"{topic} is restricted, and this node is none of those that have its key. An admin can add it.");
    }

    private static readonly PublishOptions Retained = new() { Retain = true };

    // A removed member must not read what comes next: the author of the list makes a new key; another admin's node where the author is gone.
    private void Rotate(MemberSnapshot members)
    {
        foreach (var list in _keys.Lists.ToArray())
        {
            var left = list.Members.Where(members.IsMember).ToArray();
            if (left.Length == list.Members.Count || members.RotatorOf(list.Author) != _loop.Self) { continue; }
            PublishList(list.Filter, TopicKeys.MakeList(left));
        }
    }

    /// <summary>Lists of keys as they come.</summary>
    private sealed class KeyInbox(TopicKeys keys) : ITopicInbox
    {
        public bool TryAdd(TopicMessage message, bool isAcknowledged)
        {
            keys.Handle(message.Topic, message.Publisher, message.Time, message.Data.Span);
            return true;
        }

        public void AddMissed(string topic, NodeId publisher, long count)
        {
            // The value of the topic is what counts, and it comes again.
        }
    }
}
