using Coco.Crypto;
using Coco.Traversal.PortMapping.Pcp;

namespace Coco.Traversal.PortMapping;

/// <summary>What PCP and NAT-PMP have in common: small requests to the router's port 5351, repeated until answered.</summary>
internal abstract class DatagramSession : MappingSession
{
    // RFC 6887 §11.2.1: renewals are at least 4 seconds apart.
    private static readonly TimeSpan MinRenewalGap = TimeSpan.FromSeconds(4);

    // Chosen: a router whose clock is broken, or one that lies, is asked again for everything no more often than this.
    private static readonly TimeSpan MinResetGap = TimeSpan.FromSeconds(10);

    // Chosen: a removal is repeated sooner than any protocol says, because the process is about to end.
    private static readonly TimeSpan RemovalInterval = TimeSpan.FromMilliseconds(250);

    private readonly NetworkAddress _server;
    private TimeSpan _nextCheck = TimeSpan.MaxValue;
    private TimeSpan _resetAllowedAt;
    private TimeSpan _resetAt = TimeSpan.MaxValue;

    protected DatagramSession(PortGateway gateway, IReadOnlyList<MappingEntry> entries, PortMapperOptions options, RandomSource random, MapperOutput output)
        : base(gateway, entries, options, random, output) => _server = gateway.Router.WithPort(PcpRequest.ServerPort);

    /// <summary>Whether the router ever answered in this protocol.</summary>
    protected bool HasAnswered { get; set; }

    public override TimeSpan Deadline
    {
        get
        {
            if (!IsStopping && (IsSuspended || State is SessionState.Failed)) { return TimeSpan.MaxValue; }
            var deadline = IsStopping ? TimeSpan.MaxValue : TimeSpan.FromTicks(Math.Min(_nextCheck.Ticks, _resetAt.Ticks));
            foreach (var entry in Entries)
            {
                if (entry.NextSend < deadline) { deadline = entry.NextSend; }
                if (entry.Phase is EntryPhase.Asking or EntryPhase.Held && entry.Expiry > TimeSpan.Zero && entry.Expiry < deadline) { deadline = entry.Expiry; }
            }
            return deadline;
        }
    }

    public abstract void HandleDatagram(ReadOnlySpan<byte> datagram, TimeSpan now);

    public override void HandleTimeout(TimeSpan now)
    {
        if (!IsStopping && (IsSuspended || State is SessionState.Failed)) { return; }
        if (now >= _resetAt)
        {
            _resetAt = TimeSpan.MaxValue;
            AskAgain(now);
        }
        foreach (var entry in Entries)
        {
            if (entry.Phase is EntryPhase.Asking or EntryPhase.Held && entry.Expiry > TimeSpan.Zero && now >= entry.Expiry) { Refuse(entry, now, now); }
            if (!IsStopping && State is SessionState.Failed) { return; }
            if (now >= entry.NextSend) { SendDue(entry, now); }
        }
        if (now >= _nextCheck && !IsStopping)
        {
            _nextCheck = now + Options.CheckInterval;
            Send(CheckMessage());
        }
    }

    protected abstract byte[] MapMessage(MappingEntry entry, uint lifetime);

    /// <summary>A request that changes nothing and whose answer tells the router's epoch.</summary>
    protected abstract byte[] CheckMessage();

    /// <summary>The wait after one more request; null when enough were sent.</summary>
    protected abstract TimeSpan? NextInterval(int sent, TimeSpan last);

    protected void Send(byte[] message) => Output.Transmits.Enqueue(new(Gateway.Local, _server, message));

    protected override void HandleStop(TimeSpan now) => HandleTimeout(now);

    protected override void Check(TimeSpan now) => _nextCheck = now;

    /// <summary>The router has lost its state: everything granted before is asked for again.</summary>
    /// <param name="now">Now.</param>
    /// <param name="delay">Zero for an answer to us; RFC 6887 §14.1.3: up to 5 s for what everybody heard.</param>
    protected void HandleReset(TimeSpan now, TimeSpan delay)
    {
        if (IsStopping || now < _resetAllowedAt) { return; }
        _resetAllowedAt = now + delay + MinResetGap;
        if (delay > TimeSpan.Zero) { _resetAt = now + delay; }
        else { AskAgain(now); }
    }

    protected void HandleGrant(MappingEntry entry, int externalPort, uint lifetime, TimeSpan now)
    {
        if (entry.Phase is EntryPhase.Removing or EntryPhase.Gone) { return; }
        if (externalPort == 0 || lifetime == 0)
        {
            HandleRefusal(entry, TimeSpan.Zero, now);
            return;
        }
        Grant(entry, externalPort, TimeSpan.FromSeconds(lifetime), now);
        entry.NextSend = RenewalTime(entry, now);
        if (_nextCheck == TimeSpan.MaxValue) { _nextCheck = now + Options.CheckInterval; }
    }

    protected void HandleRefusal(MappingEntry entry, TimeSpan errorLifetime, TimeSpan now)
    {
        switch (entry.Phase)
        {
            case EntryPhase.Removing:
                entry.Begin(EntryPhase.Gone, TimeSpan.MaxValue); // what cannot be removed will expire
                break;
            case EntryPhase.Asking or EntryPhase.Held when entry.IsAlive(now):
                break; // a grant outlives a refused renewal; a router that has just restarted may not be ready yet, and is asked on
            case EntryPhase.Asking or EntryPhase.Held:
                var wait = TimeSpan.FromTicks(Math.Clamp(errorLifetime.Ticks, Options.RetryDelay.Ticks, Options.MaxRetryDelay.Ticks));
                Refuse(entry, now + wait, now);
                break;
        }
    }

    protected void AskAll(TimeSpan now)
    {
        foreach (var entry in Entries) { entry.Ask(now); }
        HandleTimeout(now);
    }

    private void AskAgain(TimeSpan now)
    {
        foreach (var entry in Entries)
        {
            // What was granted in this very answer is no older than the router's new state.
            if (entry.Phase is EntryPhase.Held && entry.GrantedAt < now) { Doubt(entry, now); }
        }
    }

    private void SendDue(MappingEntry entry, TimeSpan now)
    {
        switch (entry.Phase)
        {
            case EntryPhase.Refused:
                entry.Ask(now);
                goto case EntryPhase.Asking;
            case EntryPhase.Asking:
                if (NextInterval(entry.Sent, entry.Interval) is not { } interval)
                {
                    GiveUp(entry, now);
                    return;
                }
                SendMap(entry, (uint)Options.Lifetime.TotalSeconds);
                (entry.Sent, entry.Interval, entry.NextSend) = (entry.Sent + 1, interval, now + interval);
                break;
            case EntryPhase.Held:
                SendMap(entry, (uint)Options.Lifetime.TotalSeconds);
                entry.Sent++;
                entry.NextSend = RenewalTime(entry, now);
                break;
            case EntryPhase.Removing:
                SendMap(entry, 0);
                if (!HasAnswered) { entry.Begin(EntryPhase.Gone, TimeSpan.MaxValue); } // nobody there to answer
                else { entry.NextSend = now + RemovalInterval; }
                break;
            default:
                entry.NextSend = TimeSpan.MaxValue;
                break;
        }
    }

    private void GiveUp(MappingEntry entry, TimeSpan now)
    {
        if (entry.IsAlive(now)) { entry.NextSend = entry.Expiry; }
        else { Refuse(entry, now + Options.RetryDelay, now); }
    }

    private void SendMap(MappingEntry entry, uint lifetime)
    {
        entry.WasAsked = true;
        Send(MapMessage(entry, lifetime));
    }

    // RFC 6887 §11.2.1: the n-th renewal goes out between 1 - 1/2^n and an eighth of 1/2^(n-2) later: 1/2 to 5/8, 3/4 to 13/16, 7/8 to 29/32 …
    // RFC 6886 §3.3 asks for half of the lifetime too. Clients spread themselves by chance.
    private TimeSpan RenewalTime(MappingEntry entry, TimeSpan now)
    {
        var share = Math.Pow(0.5, Math.Min(entry.Sent, 20) + 1);
        var time = entry.GrantedAt + ((entry.Expiry - entry.GrantedAt) * (1 - share + (share / 4 * DrawFraction())));
        return time < now + MinRenewalGap ? now + MinRenewalGap : time;
    }
}
