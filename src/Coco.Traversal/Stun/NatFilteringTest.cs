namespace Coco.Traversal.Stun;

/// <summary>
/// Whether answers pass that come from where nothing was sent to (RFC 5780 §4.4): one from another host, one from another port.
/// Both are asked for at once, since asking opens nothing towards either.
/// </summary>
/// <param name="observer">Who is asked.</param>
/// <param name="other">Its other address.</param>
internal sealed class NatFilteringTest(NetworkAddress observer, NetworkAddress other)
{
    private StunOutcome? _host;
    private StunOutcome? _port;

    public NetworkAddress Observer { get; } = observer;

    public NetworkAddress Other { get; } = other;

    private StunChange Available => new StunServerAddresses(Observer, Other).Available;

    /// <summary>Changes to ask for.</summary>
    public IEnumerable<StunChange> Changes
    {
        get
        {
            if ((Available & StunChange.Address) != 0) { yield return Available; }
            if ((Available & StunChange.Port) != 0) { yield return StunChange.Port; }
        }
    }

    public bool IsFinished =>
        _host is not null == ((Available & StunChange.Address) != 0) && _port is not null == ((Available & StunChange.Port) != 0);

    public void HandleOutcome(StunChange change, StunOutcome outcome)
    {
        if (change is StunChange.Port) { _port = outcome; }
        else { _host = outcome; }
    }

    /// <param name="isOtherDead">Whether the other address does not answer when it is asked itself: then silence says nothing.</param>
    public NatFiltering Judge(bool isOtherDead)
    {
        if (_host is StunOutcome.Answered) { return NatFiltering.EndpointIndependent; }
        if (_port is StunOutcome.Answered) { return NatFiltering.AddressDependent; }
        var hostBlocked = _host is StunOutcome.TimedOut || (Available & StunChange.Address) == 0;
        var portBlocked = _port is StunOutcome.TimedOut || (Available & StunChange.Port) == 0; // the worse of the two that remain
        return hostBlocked && portBlocked && !isOtherDead ? NatFiltering.AddressAndPortDependent : NatFiltering.Unknown;
    }

    public void AddEvidence(ICollection<NatEvidence> evidence)
    {
        if (_host is StunOutcome.Answered or StunOutcome.TimedOut)
        {
            evidence.Add(new(_host is StunOutcome.Answered ? NatEvidenceKind.OtherHostPassed : NatEvidenceKind.OtherHostBlocked, Observer, Other));
        }
        if (_port is StunOutcome.Answered or StunOutcome.TimedOut)
        {
            evidence.Add(new(_port is StunOutcome.Answered ? NatEvidenceKind.OtherPortPassed : NatEvidenceKind.OtherPortBlocked, Observer, Other));
        }
    }
}
