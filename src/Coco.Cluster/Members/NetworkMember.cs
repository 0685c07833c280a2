using Coco.Cluster.Certificates;
using Coco.Cluster.Graph;
using Coco.Cluster.Invitations;
using Coco.Cluster.Lookup;
using Coco.Cluster.Membership;
using Coco.Cluster.Mesh;
using Coco.Cluster.Time;
using Coco.Crypto;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Cluster.Members;

/// <summary>
/// One node's whole part in its network: who belongs, what they may do, whom to connect to and over whom, what time it is, who is let in,
/// and what has to be kept. A core: the host carries bytes, stores rows and passes the time.
/// </summary>
internal sealed partial class NetworkMember
{
    private readonly MemberOptions _options;
    private readonly MemberHost _host;
    private readonly ILogger _logger;
    private readonly MembershipLog _log;
    private readonly MemberRoster _roster;
    private readonly StatementSync _sync;
    private readonly BestTime _time;
    private readonly Sponsor _sponsor;
    private readonly AddressBook _addresses;
    private readonly Queue<MemberOutput> _outputs = new();
    private readonly Queue<MemberOutput> _farewells = new();
    private TimeSpan _now;

    private NetworkMember(
        MemberKeys keys, NodeCertificate certificate, MembershipLog log, MemberOptions options, MemberHost host, MemberMemory memory, TimeSpan now)
    {
        (Keys, _log, _options, _host, _now) = (keys, log, options, host, now);
        (_clock, _clockAt) = (host.UnixSeconds, now);
        _logger = host.Logger ?? NullLogger.Instance;
        _time = new(options.Time, new TimeIssuers(log), memory.Claims, now);
        _time.HandleLocalClock(host.UnixSeconds, host.IsClockTrusted, now);
        _roster = new(certificate, log, () => _time.At(_now).UnixSeconds, options.MaxMembers, IsVerified);
        _roster.Add(certificate);
        _roster.Refresh();
        _sync = new(log, options, _logger);
        _sponsor = new(Network, Self, new Certifier(this), host.Random, options.Sponsor);
        _addresses = new(options.MaxAddresses);
        _ownQuestions = new(options.Directory.QuestionBurst, options.Directory.QuestionInterval);
        _directory = new(options.Directory, Comparer<DirectoryEntry>.Create(InOrder));
        (_sequenceStored, _sequenceReserved, _arrivals) = (memory.Sequence, memory.Sequence, memory.Arrivals);
        Mesh = NewMesh(memory.Sequence);
    }

    public NodeId Self => Keys.Node.Id;

    public NetworkId Network => _log.Network;

    public MemberKeys Keys { get; private set; }

    /// <summary>This node's own.</summary>
    public NodeCertificate Certificate => _roster.Own;

    public NetworkState State => _log.State;

    /// <summary>The node's part in the mesh; another one when it moves to another sub-cluster.</summary>
    public MeshNode Mesh { get; private set; }

    /// <summary>When <see cref="HandleTimeout"/> has something to do; null for never.</summary>
    public TimeSpan? Deadline
    {
        get
        {
            var earliest = Earlier(Mesh.Deadline, Earlier(_sync.Deadline, Earlier(_retryAt, Earlier(_expiryAt, Earlier(_newDiscoveryAt, Earlier(_askTimeAt, _compactAt))))));
            earliest = Earlier(earliest, Earlier(_publishAt, _directory.Deadline));
            foreach (var lookup in _lookups.Values) { earliest = Earlier(earliest, lookup.Deadline); }
            if (_sponsor.Deadline != TimeSpan.MaxValue) { earliest = Earlier(earliest, _sponsor.Deadline); }
            foreach (var peer in _peers.Values)
            {
                if (peer.State is MemberPeerState.Unproven or MemberPeerState.Proven) { earliest = Earlier(earliest, peer.ConnectedAt + _options.ProofTimeout); }
            }
            return earliest;
        }
    }

    /// <summary>What time it is, as far as this node can know.</summary>
    public TimeView Time(TimeSpan now) => _time.At(now);

    /// <summary>The machine's clock was set, or became known to be right or wrong. The host looks every few minutes: a device that boots in 1970 is set by the network later.</summary>
    public void HandleClock(ulong unixSeconds, bool isTrusted, TimeSpan now)
    {
        _now = now;
        (_clock, _clockAt) = (unixSeconds, now);
        _time.HandleLocalClock(unixSeconds, isTrusted, now);
        AskAllTime();
        Finish();
    }

    /// <summary>Does what is due.</summary>
    public void HandleTimeout(TimeSpan now)
    {
        _now = now;
        Mesh.HandleTimeout(now);
        _sponsor.HandleTimeout(now);
        _sync.HandleTimeout(now);
        DismissUnproven();
        if (_retryAt <= now) { _retryAt = null; }
        if (_expiryAt <= now) { MembersChanged(); }
        if (_askTimeAt <= now) { AskAllTime(); }
        if (_newDiscoveryAt <= now) { ChangeDiscovery(); }
        if (_compactAt <= now) { TendSnapshot(); }
        TendLookups();
        if (_publishAt <= now) { TendPublications(); }
        _directory.Forget(now);
        Finish();
    }

    /// <summary>Tells the others that nobody needs to look for this node. The host closes its connections once what comes out is sent.</summary>
    public void Leave(TimeSpan now)
    {
        _now = now;
        Mesh.Leave(now);
        Finish();
    }

    /// <summary>Takes the next thing to do.</summary>
    public bool TryTakeOutput(out MemberOutput? output) => _outputs.TryDequeue(out output);

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => other is null || one <= other ? one : other;

    private MeshNode NewMesh(ulong sequence) => new(
        Self, new IdentitySeal(Network, Keys.Node), _roster, sequence, _host.Random, _options.Mesh, new(_roster, null), _host.Pool, _logger);

    // Whatever came in, what follows from it goes out in this order: what became known, what it changed, what is to be stored, what may be said.
    private void Finish()
    {
        TakeLogEvents();
        TakeSponsorOutputs();
        TakeCertificates();
        TakeEarlyRecords();
        TakeMeshOutputs();
        if (_time.TryTakePersist(_now, out var claims)) { Keep(MemberTable.Times, ClaimsKey, TimeClaimsRecord.Encode(claims)); }
        ReserveSequence();
        TakeStatements();
        TellRenewed();
        FlushRows();
        SayFarewell();
        WatchExpiry();
        WatchDiscovery();
        WatchSnapshot();
    }

    private void Happened(MemberEvent happened) => _outputs.Enqueue(new MemberOutput.Happened(happened));
}
