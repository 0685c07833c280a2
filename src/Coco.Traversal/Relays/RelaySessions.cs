using System.Buffers.Binary;
using Coco.Crypto;

namespace Coco.Traversal.Relays;

/// <summary>All sessions of a relay, by the numbers of their legs and by last use.</summary>
internal sealed class RelaySessions(RandomSource random)
{
    // How exactly last use is known. Moving a session in the list for each batch would cost more than it tells.
    private static readonly TimeSpan Grain = TimeSpan.FromSeconds(1);

    private readonly Dictionary<ulong, RelayLeg> _legs = [];
    private RelaySession? _newest;

    public int Count => _legs.Count / 2;

    /// <summary>The session that was silent longest.</summary>
    public RelaySession? Oldest { get; private set; }

    public RelayLeg? Find(ulong number) => _legs.GetValueOrDefault(number);

    public RelaySession Add(RelayServerClient opener, RelayServerClient target, TimeSpan now)
    {
        var session = new RelaySession(NewLeg(opener), NewLeg(target)) { LastUse = now };
        Link(session);
        return session;
    }

    public void Remove(RelaySession session)
    {
        Unlink(session);
        RemoveLeg(session.Opener);
        RemoveLeg(session.Target);
    }

    public void Touch(RelaySession session, TimeSpan now)
    {
        if (now - session.LastUse < Grain) { return; }
        session.LastUse = now;
        if (_newest == session) { return; }
        Unlink(session);
        Link(session);
    }

    // Whoever knows a number may send with it, so numbers are 64 random bits: a guess hits one of 500,000 sessions with a chance of 2^-45.
    private RelayLeg NewLeg(RelayServerClient client)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        ulong number;
        do
        {
            random.Fill(bytes);
            number = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        }
        while (number == 0 || _legs.ContainsKey(number));
        var leg = new RelayLeg(number, client) { Index = client.Legs.Count };
        _legs.Add(number, leg);
        client.Legs.Add(leg);
        return leg;
    }

    private void RemoveLeg(RelayLeg leg)
    {
        _legs.Remove(leg.Number);
        var legs = leg.Client.Legs;
        var last = legs[^1];
        legs[leg.Index] = last;
        last.Index = leg.Index;
        legs.RemoveAt(legs.Count - 1);
    }

    private void Link(RelaySession session)
    {
        (session.Older, session.Newer) = (_newest, null);
        if (_newest is null) { Oldest = session; } else { _newest.Newer = session; }
        _newest = session;
    }

    private void Unlink(RelaySession session)
    {
        if (session.Older is null) { Oldest = session.Newer; } else { session.Older.Newer = session.Newer; }
        if (session.Newer is null) { _newest = session.Older; } else { session.Newer.Older = session.Older; }
    }
}
