namespace Coco.Traversal.Relays;

/// <summary>One client's half of a session: the number that the client and the relay use for it.</summary>
internal sealed class RelayLeg(ulong number, RelayServerClient client)
{
    public ulong Number { get; } = number;

    public RelayServerClient Client { get; } = client;

    /// <summary>The other client's half.</summary>
    public RelayLeg Other { get; private set; } = null!;

    public RelaySession Session { get; private set; } = null!;

    /// <summary>Where it stands in the client's list.</summary>
    public int Index { get; set; }

    /// <summary>Bytes forwarded for the client since the meter last looked.</summary>
    public long Used { get; set; }

    /// <summary>Where it stands in the meter's list while <see cref="Used"/> is not 0.</summary>
    public int CountingIndex { get; set; }

    public void Join(RelaySession session, RelayLeg other) => (Session, Other) = (session, other);
}
