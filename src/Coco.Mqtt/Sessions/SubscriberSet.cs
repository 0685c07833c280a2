namespace Coco.Mqtt.Sessions;

/// <summary>Who wants the topics of one filter: sessions of their own, and groups that share.</summary>
internal sealed class SubscriberSet(string filter)
{
    public string Filter => filter;

    public List<Subscription> Own { get; } = [];

    public List<ShareGroup> Groups { get; } = [];

    /// <summary>How many numbers of messages of other edges are kept, or were before others took their places.</summary>
    public ulong SeenCount { get; set; }

    /// <summary>Whether a session that outlives this process is among them.</summary>
    public bool IsKept => Own.Exists(static one => one.Session.IsKept) || Groups.Exists(static group => group.Members.Exists(static one => one.Session.IsKept));

    public bool IsEmpty => Own.Count == 0 && Groups.Count == 0;

    public void Add(Subscription subscription)
    {
        if (subscription.Filter.Group is not { } name)
        {
            Own.Add(subscription);
            return;
        }
        var group = Groups.Find(group => string.Equals(group.Name, name, StringComparison.Ordinal));
        if (group is null) { Groups.Add(group = new(name, subscription.Filter.Filter)); }
        group.Members.Add(subscription);
    }

    public void Remove(Subscription subscription)
    {
        Own.Remove(subscription);
        foreach (var group in Groups) { group.Members.Remove(subscription); }
        Groups.RemoveAll(static group => group.Members.Count == 0);
    }
}
