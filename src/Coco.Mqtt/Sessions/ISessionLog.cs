namespace Coco.Mqtt.Sessions;

/// <summary>
/// Keeps what must survive: changes are gathered into numbered commits, and what depends on one is not said before it is durable. Sessions
/// that end with their connection are not kept.
/// </summary>
internal interface ISessionLog
{
    /// <summary>The commit that has all changes so far; those up to <see cref="Durable"/> need not be waited for.</summary>
    public long Last { get; }

    /// <summary>The last commit that is durable, and all before it.</summary>
    public long Durable { get; }

    public void Save(Session session);

    /// <summary>Forgets a session and all that is its own.</summary>
    public void Remove(Session session);

    public void Save(Subscription subscription);

    public void Remove(Subscription subscription);

    /// <summary>Keeps a message for a session.</summary>
    public void Save(Session session, Delivery delivery);

    /// <summary>Keeps how far a message has come.</summary>
    public void SaveProgress(Session session, Delivery delivery);

    public void Remove(Session session, Delivery delivery);

    public void SaveReceived(Session session, ushort packetId);

    public void RemoveReceived(Session session, ushort packetId);

    /// <summary>Keeps a message that other edges are to get once, until they have it.</summary>
    public void SaveOutgoing(Message message);

    public void RemoveOutgoing(Message message);

    /// <summary>Keeps the number of a message of another edge, so that it is known when it comes again.</summary>
    /// <param name="filter">The filter by which it came.</param>
    /// <param name="place">How many came before it; it takes the place of the one <see cref="Bus.SeenNumbers.Most"/> before.</param>
    /// <param name="number">The number.</param>
    public void SaveSeen(string filter, ulong place, ReadOnlyMemory<byte> number);

    /// <summary>Forgets the numbers that came by a filter.</summary>
    public void RemoveSeen(string filter, ulong count);

    public void SaveRetained(Message message);

    public void RemoveRetained(string topic);
}
