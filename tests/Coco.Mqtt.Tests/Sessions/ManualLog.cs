using Coco.Mqtt.Sessions;

namespace Coco.Mqtt.Tests.Sessions;

/// <summary>A store whose commits become durable when the test says so. Each change is a commit.</summary>
internal sealed class ManualLog : ISessionLog
{
    public long Last { get; private set; }

    public long Durable { get; private set; }

    public List<Message> Outgoing { get; } = [];

    public void MakeDurable() => Durable = Last;

    public void Save(Session session) => Last++;

    public void Remove(Session session) => Last++;

    public void Save(Subscription subscription) => Last++;

    public void Remove(Subscription subscription) => Last++;

    public void Save(Session session, Delivery delivery) => Last++;

    public void SaveProgress(Session session, Delivery delivery) => Last++;

    public void Remove(Session session, Delivery delivery) => Last++;

    public void SaveReceived(Session session, ushort packetId) => Last++;

    public void RemoveReceived(Session session, ushort packetId) => Last++;

    public void SaveOutgoing(Message message)
    {
        Outgoing.Add(message);
        Last++;
    }

    public void RemoveOutgoing(Message message)
    {
        Outgoing.Remove(message);
        Last++;
    }

    public void SaveSeen(string filter, ulong place, ReadOnlyMemory<byte> number) => Last++;

    public void RemoveSeen(string filter, ulong count) => Last++;

    public void SaveRetained(Message message) => Last++;

    public void RemoveRetained(string topic) => Last++;
}
