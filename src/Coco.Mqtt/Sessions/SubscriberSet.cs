namespace Coco.Mqtt.Sessions;

/// <summary>Who wants the topics of one filter: sessions of their own, and groups that share.</summary>
internal sealed class SubscriberSet
{
    public List<Subscription> Own { get; } = [];

    public List<ShareGroup> Groups { get; } = [];

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
