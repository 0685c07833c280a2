using Coco.Mqtt.Packets;

namespace Coco.Mqtt.Sessions;

/// <summary>Sessions that share the messages of one filter, each message for one of them (MQTT 5.0, 4.8.2).</summary>
internal sealed class ShareGroup(string name, string filter)
{
    private int _next;

    public string Name => name;

    public string Filter => filter;

    public List<Subscription> Members { get; } = [];

    /// <summary>Whose turn it is: of those that are connected with room for it, and of those that wait with room where nobody is. Where none has room one that
    /// is connected, which is told that it missed something. Null where there is none.</summary>
    public Subscription? Choose(Qos qos)
    {
        Subscription? waiting = null, full = null;
        for (var tried = 0; tried < Members.Count; tried++)
        {
            _next = (_next + 1) % Members.Count;
            var member = Members[_next];
            var isQueued = qos is not Qos.AtMostOnce && member.Options.MaximumQos is not Qos.AtMostOnce;
            if (member.Session.Client is { IsCongested: false })
            {
                if (!isQueued || member.Session.HasRoom) { return member; }
                full ??= member;
            }
            else if (isQueued && member.Session.HasRoom) { waiting ??= member; }
        }
        return waiting ?? full;
    }
}
