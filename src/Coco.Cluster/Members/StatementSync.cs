using System.Buffers;
using Coco.Cluster.Membership;
using Coco.Cluster.Mesh;
using Coco.Cluster.Statements;
using Coco.Crypto;
using Coco.Quic.Packets;
using Microsoft.Extensions.Logging;

namespace Coco.Cluster.Members;

/// <summary>
/// What connected members tell each other about statements, until both have the same: on connecting a digest; where it differs, the heads
/// of all chains, answered with what is missing there; afterwards what becomes known, at once. A node's own statements are not mentioned before
/// they are stored: after a crash it would sign others in their place.
/// </summary>
internal sealed partial class StatementSync(MembershipLog log, MemberOptions options, ILogger logger)
{
    private const int FrameTarget = 32_768;
    private const int HeadsPerFrame = 400;
    private const int MaxHeads = 65_536;
    private const int MaxWants = 256;
    private const int MaxAnswer = 512 << 10;

    private static readonly TimeSpan PackageInterval = TimeSpan.FromSeconds(10);

    // Chosen: packages that honest peers send ten seconds apart may arrive closer together. Each can cost 512 checks of signatures.
    private static readonly TimeSpan PackageTaken = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstAsk = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastAsk = TimeSpan.FromMinutes(1);

    private readonly Dictionary<NodeId, SyncPeer> _peers = [];
    private readonly HashSet<StatementId> _unstored = [];
    private readonly Queue<(NodeId To, MeshFrameType Type, ReadOnlyMemory<byte> Body)> _output = new();
    private StatementId? _digest;

    /// <summary>When <see cref="HandleTimeout"/> has something to do; null for never.</summary>
    public TimeSpan? Deadline { get; private set; }

    /// <summary>Whether statements of our own are on their way to the disk.</summary>
    public bool HasUnstored => _unstored.Count > 0;

    /// <summary>Whether a snapshot was installed since this was asked last.</summary>
    public bool WasInstalled { get; private set; }

    /// <summary>A hash of what may be mentioned: two nodes where it is equal have nothing to tell each other.</summary>
    public StatementId Digest
    {
        get
        {
            if (_digest is { } known) { return known; }
            var writer = new CanonicalWriter();
            foreach (var head in ShownHeads())
            {
                writer.Key(head.Issuer);
                writer.Id(head.Id);
            }
            return (_digest = StatementId.Of(writer.Written)).Value;
        }
    }

    /// <summary>A node is connected that belongs.</summary>
    public void HandlePeerUp(NodeId peer, TimeSpan now)
    {
        if (_peers.TryAdd(peer, new(now))) { SendDigest(peer); }
    }

    public void HandlePeerDown(NodeId peer) => _peers.Remove(peer);

    /// <summary>Whether statements are exchanged with this peer.</summary>
    public bool Knows(NodeId peer) => _peers.ContainsKey(peer);

    /// <summary>Takes a frame of type 2; false when it is malformed.</summary>
    public bool HandleHeads(NodeId from, ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (!_peers.TryGetValue(from, out var peer)) { return true; }
        var reader = new SpanReader(body);
        if (!reader.TryReadByte(out var kind)) { return false; }
        switch (kind)
        {
            case DigestKind:
                if (!reader.TryReadId(out var digest)) { return false; }
                if (digest != Digest) { TellHeads(from, peer, now); }
                return true;
            case HeadsKind:
                if (peer.IsWaiting)
                {
                    peer.Heads.Clear();
                    peer.Wants.Clear();
                    peer.IsWaiting = false;
                }
                if (!TryReadHeads(peer, ref reader, out var isMore)) { return false; }
                if (isMore) { return true; }
                peer.IsWaiting = true;
                Answer(from, peer, now);
                return true;
            default:
                return true;
        }
    }

    /// <summary>Takes a frame of type 3. False when nobody who belongs would have sent it.</summary>
    public bool HandleStatements(NodeId from, ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (!_peers.TryGetValue(from, out var peer)) { return true; }
        var reader = new SpanReader(body);
        if (!reader.TryReadByte(out var kind)) { return false; }
        return kind switch
        {
            StatementsKind => TakeStatements(from, peer, ref reader, now),
            PackageKind => TakePackage(from, peer, ref reader, now),
            _ => true,
        };
    }

    /// <summary>Takes a statement that a peer showed as proof.</summary>
    public void Add(NodeId from, Statement statement)
    {
        var result = log.Add(statement);
        if (result.Outcome is StatementOutcome.Refused) { MemberLog.StatementRefused(logger, from, result.Refusal); }
    }

    /// <summary>A statement of our own was made, and is not on disk.</summary>
    public void HoldBack(StatementId id)
    {
        _unstored.Add(id);
        _digest = null;
    }

    /// <summary>A statement became known, from a peer or on disk: all who may not have it are told.</summary>
    public void Tell(Statement statement, NodeId except)
    {
        _digest = null;
        if (_unstored.Contains(statement.Id)) { return; }
        foreach (var peer in _peers.Keys)
        {
            if (peer != except) { SendStatements(peer, [statement], isMore: false); }
        }
    }

    /// <summary>A statement of our own is on disk.</summary>
    public void HandleStored(StatementId id)
    {
        if (_unstored.Remove(id) && log.Find(id) is { } statement) { Tell(statement, default); }
    }

    /// <summary>Statements were forgotten for a snapshot.</summary>
    public void HandleCompacted() => _digest = null;

    public bool IsUnstored(StatementId id) => _unstored.Contains(id);

    public bool TakeInstalled()
    {
        var was = WasInstalled;
        WasInstalled = false;
        return was;
    }

    public void HandleTimeout(TimeSpan now)
    {
        if (Deadline is not { } deadline || deadline > now) { return; }
        Deadline = null;
        foreach (var (id, peer) in _peers)
        {
            if (peer.AskAt is { } at && at <= now)
            {
                peer.AskAt = null;
                if (peer.OwesHeads || log.WaitingCount > 0) { TellHeads(id, peer, now); }
            }
            if (peer.AskAt is { } later) { Wake(later); }
            if (peer.IsWaiting) { Answer(id, peer, now); }
        }
    }

    /// <summary>Takes the next frame to send.</summary>
    public bool TryTake(out NodeId to, out MeshFrameType type, out ReadOnlyMemory<byte> body)
    {
        var any = _output.TryDequeue(out var next);
        (to, type, body) = next;
        return any;
    }

    // A digest of 33 bytes is answered with all heads: whoever asks again and again gets them slowly.
    private void TellHeads(NodeId to, SyncPeer peer, TimeSpan now)
    {
        var credit = peer.Earn(options.StatementBytesPerSecond, now);
        peer.OwesHeads = credit < 0;
        if (!peer.OwesHeads)
        {
            peer.Pay(SendHeads(to));
            return;
        }
        var at = now + TimeSpan.FromSeconds((1 - credit) / options.StatementBytesPerSecond);
        peer.AskAt = peer.AskAt is { } asks && asks < at ? asks : at;
        Wake(peer.AskAt.Value);
    }

    private void Answer(NodeId to, SyncPeer peer, TimeSpan now)
    {
        var credit = peer.Earn(options.StatementBytesPerSecond, now);
        if (credit < Statement.MaxLength)
        {
            // Whoever asks for everything again and again gets it slowly.
            Wake(now + TimeSpan.FromSeconds((Statement.MaxLength - credit + 1) / options.StatementBytesPerSecond));
            return;
        }
        peer.IsWaiting = false;
        if (now >= peer.PackageFrom && log.NeedsPackage(peer.Heads))
        {
            peer.PackageFrom = now + PackageInterval;
            var package = log.WritePackage();
            peer.Pay(package.Length);
            SendPackage(to, package);
        }
        var room = (int)Math.Min(MaxAnswer, credit);
        var missing = log.CollectMissing(peer.Heads, peer.Wants, room);
        var bytes = missing.Sum(static statement => statement.Encoded.Length);
        peer.Pay(bytes);
        SendStatements(to, [.. missing.Where(statement => !_unstored.Contains(statement.Id))], isMore: bytes + Statement.MaxLength > room);
        peer.Heads.Clear();
        peer.Wants.Clear();
    }

    private bool TakeStatements(NodeId from, SyncPeer peer, ref SpanReader reader, TimeSpan now)
    {
        if (!reader.TryReadByte(out var flags)) { return false; }
        var (added, isHonest) = (0, true);
        while (!reader.IsEmpty)
        {
            if (!reader.TryReadVarIntBytes(out var signed)) { return false; }
            var result = log.Add(signed);
            if (result.Outcome is StatementOutcome.Refused) { MemberLog.StatementRefused(logger, from, result.Refusal); }
            added += result.Outcome is StatementOutcome.Added ? 1 : 0;
            isHonest &= !IsStrike(result.Refusal);
        }
        if (added > 0) { _digest = null; }
        var isMore = (flags & MoreFlag) != 0;
        if (!isMore && log.WaitingCount == 0)
        {
            (peer.Vain, peer.AskAt) = (0, peer.OwesHeads ? peer.AskAt : null);
            return isHonest;
        }
        peer.Vain = added > 0 ? 0 : peer.Vain + 1;
        // A round in which nothing could be added still says what is wanted; after two, the peer may not have it either.
        if (peer.Vain < 2) { TellHeads(from, peer, now); }
        else if (peer.AskAt is null)
        {
            var wait = FirstAsk * (1 << Math.Min(peer.Vain - 2, 6));
            peer.AskAt = now + (wait < LastAsk ? wait : LastAsk);
            Wake(peer.AskAt.Value);
        }
        return isHonest;
    }

    private bool TakePackage(NodeId from, SyncPeer peer, ref SpanReader reader, TimeSpan now)
    {
        if (!reader.TryReadByte(out var flags)) { return false; }
        var part = reader.ReadToEnd();
        if (now < peer.PackageTakenFrom)
        {
            MemberLog.FrameRefused(logger, from, MeshFrameType.Statements, "snapshots come too fast");
            return false;
        }
        peer.Package ??= new(part.Length + 1);
        if (peer.Package.WrittenCount + part.Length > options.MaxPackage)
        {
            peer.Package = null;
            MemberLog.FrameRefused(logger, from, MeshFrameType.Statements, "the snapshot is too large");
            return false;
        }
        peer.Package.Write(part);
        if ((flags & MoreFlag) != 0) { return true; }
        var package = peer.Package.WrittenSpan;
        peer.Package = null;
        peer.PackageTakenFrom = now + PackageTaken;
        if (log.TryInstall(package, out var isProven))
        {
            (_digest, WasInstalled) = (null, true);
            TellHeads(from, peer, now);
        }
        else { MemberLog.FrameRefused(logger, from, MeshFrameType.Statements, isProven ? "the snapshot does not follow from what is known" : "no owner has made the snapshot"); }
        return isProven;
    }

    // What honest nodes do not hold they do not send. What has no room here, or came before a snapshot, they may hold.
    private static bool IsStrike(Refusal refusal) => refusal is Refusal.TooLong or Refusal.Malformed or Refusal.OtherNetwork
        or Refusal.BadSignature or Refusal.BrokenChain or Refusal.NotAuthorised or Refusal.RootHasSpoken;

    private List<ChainHead> ShownHeads()
    {
        var shown = new List<ChainHead>();
        foreach (var head in log.Heads)
        {
            var (last, sequence) = (head.Id, head.Sequence);
            while (_unstored.Contains(last) && log.Find(last) is { } statement) { (last, sequence) = (statement.Previous, sequence - 1); }
            if (!last.IsDefault) { shown.Add(new(head.Issuer, sequence, last)); }
        }
        return shown;
    }

    private void Wake(TimeSpan at) => Deadline = Deadline is { } known && known < at ? known : at;
}
