namespace Coco.Mqtt.Sessions;

/// <summary>Keeps nothing: sessions live as long as the process.</summary>
internal sealed class NoSessionLog : ISessionLog
{
    public long Last => 0;

    public long Durable => 0;

    public void Save(Session session)
    {
    }

    public void Remove(Session session)
    {
    }

    public void Save(Subscription subscription)
    {
    }

    public void Remove(Subscription subscription)
    {
    }

    public void Save(Session session, Delivery delivery)
    {
    }

    public void SaveProgress(Session session, Delivery delivery)
    {
    }

    public void Remove(Session session, Delivery delivery)
    {
    }

    public void SaveReceived(Session session, ushort packetId)
    {
    }

    public void RemoveReceived(Session session, ushort packetId)
    {
    }

    public void SaveOutgoing(Message message)
    {
    }

    public void RemoveOutgoing(Message message)
    {
    }

    public void SaveSeen(string filter, ulong place, ReadOnlyMemory<byte> number)
    {
    }

    public void RemoveSeen(string filter, ulong count)
    {
    }

    public void SaveRetained(Message message)
    {
    }

    public void RemoveRetained(string topic)
    {
    }
}
