using Coco.Traversal.Finding;

namespace Coco.Traversal.Tests.Finding.Model;

/// <summary>Runs a sequence of events and says what must hold at its end.</summary>
internal sealed class ModelScript(NatKind one, NatKind other, ulong seed)
{
    private bool _hasSession = true;
    private bool _hasMoved;

    public ModelWorld World { get; } = new ModelWorld(one, other, seed).Connect();

    public static int Count { get; } = Enum.GetValues<ModelEvent>().Length;

    /// <summary>Does it, when it makes a difference.</summary>
    public bool TryApply(ModelEvent what)
    {
        _hasMoved |= what is ModelEvent.OneMoves or ModelEvent.OtherMovesUntold or ModelEvent.OneRebinds;
        switch (what)
        {
            case ModelEvent.Wait500Ms: World.Run(0.5); return true;
            case ModelEvent.Wait4Seconds: World.Run(4); return true;
            case ModelEvent.Wait40Seconds: World.Run(40); return true;
            case ModelEvent.DirectDiesThere when World.OneToOther: World.OneToOther = false; break;
            case ModelEvent.DirectDiesBack when World.OtherToOne: World.OtherToOne = false; break;
            case ModelEvent.DirectHeals when !IsDirectFine: HealDirect(); break;
            case ModelEvent.DirectTurnsNarrow when World.DirectMtu > 1000: World.DirectMtu = 300; break;
            case ModelEvent.RelayHangs when World.RelayWorks[0]: World.RelayWorks[0] = false; break;
            case ModelEvent.RelayHeals when !World.RelayWorks[0] || !_hasSession: HealRelay(); break;
            case ModelEvent.RelaySessionEnds when _hasSession: EndSession(); break;
            case ModelEvent.OneMoves: World.Move(World.One, World.One.Nat.Kind, isTold: true); break;
            case ModelEvent.OtherMovesUntold: World.Move(World.Other, World.Other.Nat.Kind, isTold: false); break;
            case ModelEvent.OneRebinds: World.Rebind(World.One); break;
            case ModelEvent.LossyLinks when World.Loss == 0: (World.Loss, World.Reorders) = (15, true); break;
            case ModelEvent.OneTalks when !World.One.Quic.HasTraffic: Talk(World.One); break;
            case ModelEvent.OtherTalks when !World.Other.Quic.HasTraffic: Talk(World.Other); break;
            default: return false;
        }
        World.Run(0.05);
        return true;
    }

    /// <summary>Once nothing more happens, what works must be in use, on both sides alike; and once all is well, the direct path.</summary>
    public void Settle()
    {
        (World.Loss, World.Reorders) = (0, false);
        Talk(World.One);
        Talk(World.Other);
        EndUp(within: 340); // a path that died often waits for five minutes
        HealDirect();
        HealRelay();
        EndUp(within: 400); // the longest wait between two searches, its jitter, and the search
        Assert.False(World.One.IsRelayedNow);
        World.Run(15);
        Assert.InRange(World.One.Sockets.Count + World.Other.Sockets.Count, 2, 4);
    }

    public string Fingerprint() => string.Join('\n', World.One.Finder.Describe(World.Now), World.Other.Finder.Describe(World.Now),
        $"{World.OneToOther} {World.OtherToOne} {World.DirectMtu} {World.RelayWorks[0]} {_hasSession} {World.Loss} {World.One.Quic.HasTraffic} {World.Other.Quic.HasTraffic}",
        $"{World.One.Quic.Active} {World.Other.Quic.Active} {World.One.Quic.IsStalled} {World.Other.Quic.IsStalled} {World.One.Nat.Outer} {World.Other.Nat.Outer}");

    private bool IsDirectFine => World.OneToOther && World.OtherToOne && World.DirectMtu > 1000;

    private bool IsRelayFine => World.RelayWorks[0] && _hasSession;

    private void EndUp(int within)
    {
        // Who has moved while nobody passes it on cannot be found: no path delivers then, whatever one does.
        if (!IsRelayFine && (_hasMoved || !IsDirectFine)) { World.Run(within / 4); return; }
        var end = World.Now + TimeSpan.FromSeconds(within);
        World.Run(20); // what has just happened shows
        while (World.Now < end && !IsWhereItShouldBe(World.One, World.Other)) { World.Run(2); }
        World.Run(12); // and stays there
        Check();
    }

    private bool IsWhereItShouldBe(ModelSide side, ModelSide peer) => side.IsRelayedNow != IsDirectFine && peer.IsRelayedNow != IsDirectFine
        && side.Quic.LastProgress > World.Now - TimeSpan.FromSeconds(2) && peer.Quic.LastProgress > World.Now - TimeSpan.FromSeconds(2)
        && IsDirect(side.Finder.Verdict.Code) == IsDirectFine && IsDirect(peer.Finder.Verdict.Code) == IsDirectFine;

    private void Check()
    {
        foreach (var side in (ModelSide[])[World.One, World.Other])
        {
            Assert.True(side.Quic.LastProgress > World.Now - TimeSpan.FromSeconds(6), $"no progress since {side.Quic.LastProgress}: {World.Describe()}");
            Assert.True(side.IsRelayedNow != IsDirectFine, $"the wrong kind of path: {World.Describe()}");
            Assert.Equal(side.IsRelayedNow, !IsDirect(side.Finder.Verdict.Code)); // what it says is what is so
            Assert.Single(side.Finder.Paths, view => view.State is PathState.Activated && view.Address == side.Quic.Active);
        }
        if (!World.One.IsRelayedNow) { AssertSamePath(); }
    }

    private void AssertSamePath()
    {
        var (one, other) = (World.One.Quic.Active.Link, World.Other.Quic.Active.Link);
        Assert.Equal(one.Remote, World.Other.Nat.Out(other.Number, other.Remote));
        Assert.Equal(other.Remote, World.One.Nat.Out(one.Number, one.Remote));
    }

    private static bool IsDirect(VerdictCode code) => code is VerdictCode.Direct or VerdictCode.DirectLan or VerdictCode.DirectIpv6 or VerdictCode.DirectTcp;

    private void Talk(ModelSide side)
    {
        side.Quic.HasTraffic = true;
        side.Quic.Write(World.Now);
        side.Drain(World.Now);
    }

    private void HealDirect() => (World.OneToOther, World.OtherToOne, World.DirectMtu) = (true, true, 1500);

    private void HealRelay()
    {
        World.RelayWorks[0] = true;
        if (_hasSession) { return; }
        _hasSession = true;
        Tell(PathState.Available);
    }

    private void EndSession()
    {
        _hasSession = false;
        World.RelayWorks[0] = false;
        Tell(PathState.Lost);
    }

    private void Tell(PathState state)
    {
        foreach (var side in (ModelSide[])[World.One, World.Other])
        {
            side.Finder.HandlePath(ModelWorld.RelayPath(0), state, World.Now);
            side.Drain(World.Now);
        }
    }
}
