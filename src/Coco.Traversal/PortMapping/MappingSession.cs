using System.Buffers.Binary;
using Coco.Crypto;

namespace Coco.Traversal.PortMapping;

/// <summary>One protocol spoken with one router: from the first question to the removal of what it gave.</summary>
internal abstract class MappingSession
{
    // RFC 6887 §15: no mapping is believed for longer than a day.
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromHours(24);

    // Chosen: hints cost us a request each, and anybody on the network can forge them.
    private static readonly TimeSpan MinHintGap = TimeSpan.FromSeconds(10);

    // Chosen: three requests of PCP, and a UPnP router's leisure.
    private static readonly TimeSpan DoubtTime = TimeSpan.FromSeconds(10);

    private TimeSpan _hintAllowedAt;

    protected MappingSession(PortGateway gateway, IReadOnlyList<MappingEntry> entries, PortMapperOptions options, RandomSource random, MapperOutput output) =>
        (Gateway, Entries, Options, Random, Output) = (gateway, entries, options, random, output);

    public abstract PortMappingProtocol Protocol { get; }

    public SessionState State { get; protected set; }

    public PortGateway Gateway { get; }

    public IReadOnlyList<MappingEntry> Entries { get; }

    /// <summary>Another protocol did it first: ask for nothing more. What may have been granted is removed at stop and not before,
    /// because in most routers it is the very mapping that the other protocol holds.</summary>
    public bool IsSuspended { get; private set; }

    /// <summary>Whether removing has begun.</summary>
    protected bool IsStopping { get; private set; }

    /// <summary>Whether a router may hold something for us.</summary>
    public bool HasLeftovers => Entries.Any(entry => entry.WasAsked && entry.Phase is not EntryPhase.Gone);

    /// <summary>Whether nothing is left to be removed.</summary>
    public bool IsStopped => IsStopping && Entries.All(entry => entry.Phase is not EntryPhase.Removing);

    /// <summary>When <see cref="HandleTimeout"/> is to be called.</summary>
    public abstract TimeSpan Deadline { get; }

    protected PortMapperOptions Options { get; }

    protected RandomSource Random { get; }

    protected MapperOutput Output { get; }

    public abstract void Start(TimeSpan now);

    public abstract void HandleTimeout(TimeSpan now);

    /// <summary>Where an entry is reachable, or an address that cannot be sent to.</summary>
    public abstract NetworkAddress ExternalOf(MappingEntry entry);

    /// <summary>Nothing can be asked this way.</summary>
    public void Skip() => State = SessionState.Failed;

    public void Suspend() => IsSuspended = true;

    /// <summary>The network has changed, and behind the same address there may be another router: what was granted is asked for again,
    /// and believed for no longer than an honest router needs to answer.</summary>
    public void Doubt(TimeSpan now)
    {
        if (IsStopping || IsSuspended) { return; }
        foreach (var entry in Entries)
        {
            if (entry.IsAlive(now)) { Doubt(entry, now); }
        }
        HandleTimeout(now);
    }

    /// <summary>The router has said in another protocol that it restarted: look whether our mappings are still there.</summary>
    public void HandleHint(TimeSpan now)
    {
        if (IsStopping || IsSuspended || State is not SessionState.Working || now < _hintAllowedAt) { return; }
        _hintAllowedAt = now + MinHintGap;
        Check(now);
        HandleTimeout(now);
    }

    public void Stop(TimeSpan now)
    {
        if (IsStopping) { return; }
        IsStopping = true;
        foreach (var entry in Entries)
        {
            if (entry.Phase is EntryPhase.Gone) { continue; }
            entry.Begin(entry.WasAsked ? EntryPhase.Removing : EntryPhase.Gone, now);
        }
        HandleStop(now);
    }

    protected abstract void HandleStop(TimeSpan now);

    /// <summary>Makes the next check due.</summary>
    protected abstract void Check(TimeSpan now);

    protected static void Doubt(MappingEntry entry, TimeSpan now)
    {
        if (entry.Phase is EntryPhase.Held) { entry.Ask(now); }
        if (entry.Expiry > now + DoubtTime) { entry.Expiry = now + DoubtTime; }
    }

    protected void Grant(MappingEntry entry, int externalPort, TimeSpan lifetime, TimeSpan now)
    {
        if (lifetime > MaxLifetime) { lifetime = MaxLifetime; }
        entry.ExternalPort = externalPort;
        entry.WasGranted = true;
        entry.GrantedAt = now;
        entry.Expiry = entry.IsPermanent ? TimeSpan.MaxValue : now + lifetime;
        entry.Begin(EntryPhase.Held, TimeSpan.MaxValue);
        State = SessionState.Working;
    }

    /// <summary>An entry without a grant makes the session fail when no other has one or hopes for one.</summary>
    protected void Refuse(MappingEntry entry, TimeSpan retryAt, TimeSpan now)
    {
        entry.Begin(EntryPhase.Refused, retryAt);
        entry.Expiry = TimeSpan.Zero;
        Judge(now);
    }

    protected void Judge(TimeSpan now)
    {
        if (Entries.Any(entry => entry.IsAlive(now))) { State = SessionState.Working; }
        else if (State is SessionState.Working || Entries.All(entry => entry.Phase is EntryPhase.Refused)) { State = SessionState.Failed; }
    }

    /// <summary>A fraction from 0 to 1.</summary>
    protected double DrawFraction()
    {
        Span<byte> bytes = stackalloc byte[4];
        Random.Fill(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes) / (double)uint.MaxValue;
    }

    protected static MappingEntry[] EntriesFor(IEnumerable<WantedMapping> wanted) => [.. wanted.Select(one => new MappingEntry(one))];
}
