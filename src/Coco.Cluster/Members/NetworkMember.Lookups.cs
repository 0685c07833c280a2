using Coco.Cluster.Certificates;
using Coco.Cluster.Invitations;
using Coco.Cluster.Lookup;
using Coco.Cluster.Membership;
using Coco.Cluster.Mesh;
using Coco.Crypto;
using Coco.Traversal.Records;

namespace Coco.Cluster.Members;

/// <content>
/// Looking up members of an open network that this node has never met. What comes back counts by its certificate and by the signature of the
/// address record alone, so whoever keeps the directory can withhold and no more.
/// </content>
internal sealed partial class NetworkMember
{
    private readonly Dictionary<ulong, DirectoryLookup> _lookups = [];
    private ulong _lookupNumber;
    private TokenBucket _ownQuestions;

    /// <summary>Looks a member up by its identity; <see cref="MemberOutput.LookedUp"/> answers with the number that is returned.</summary>
    /// <exception cref="MembershipException">The network is not open, or too much is looked up already.</exception>
    public ulong LookUp(NodeId node, TimeSpan now) => LookUp(node, null, now);

    /// <summary>Looks a member up by its name.</summary>
    /// <exception cref="MembershipException">As above.</exception>
    public ulong LookUp(string name, TimeSpan now) => LookUp(default, name, now);

    /// <summary>In an open network: the way to members of another sub-cluster, who are in no graph here. It leads over a core node that keeps it, the aim.</summary>
    public bool TryRouteTo(SubClusterId subCluster, TimeSpan now, out MeshRoute route)
    {
        route = default;
        if (State.Profile is not NetworkProfile.Open) { return false; }
        foreach (var keeper in Mesh.KeepersOf(Graph.ScopeId.Of(subCluster).Tag()))
        {
            // Where the keeper itself is reached by way of another aim, there is no room to say both.
            if (keeper == Self || !Mesh.TryRoute(keeper, now, out var way) || way.Aim != keeper) { continue; }
            route = way;
            return true;
        }
        return false;
    }

    private ulong LookUp(NodeId node, string? name, TimeSpan now)
    {
        _now = now;
        if (_isRemoved) { throw new MembershipException(MembershipError.Removed, "This node was removed from its network."); }
        if (State.Profile is not NetworkProfile.Open)
        {
            throw new MembershipException(MembershipError.Unknown, "In a private network members of other sub-clusters are not looked up.");
        }
        // What core nodes would not answer is not asked.
        if (_lookups.Count >= _options.Directory.MaxLookups || !_ownQuestions.TryTake(now))
        {
            throw new MembershipException(MembershipError.NoRoom, "Too many members are being looked up, or were a moment ago: try again in a while.");
        }
        var lookup = new DirectoryLookup(++_lookupNumber, node, name);
        _lookups.Add(lookup.Number, lookup);
        lookup.Wait(now + _options.Directory.AnswerTimeout);
        Begin(lookup);
        Finish();
        return lookup.Number;
    }

    // A node that has just started has not heard of the core yet.
    private void Begin(DirectoryLookup lookup)
    {
        // A connection that is there answers at once.
        lookup.Begin(Mesh.KeepersOf(lookup.Key).OrderByDescending(keeper => keeper == Self || (_peers.TryGetValue(keeper, out var peer) && peer.State is MemberPeerState.Verified)));
        if (!lookup.IsWaiting) { AskNext(lookup); }
    }

    private void BeginWaiting()
    {
        foreach (var lookup in _lookups.Values.Where(static lookup => lookup.IsWaiting).ToArray()) { Begin(lookup); }
    }

    private void AskNext(DirectoryLookup lookup)
    {
        var before = lookup.Keeper;
        while (lookup.TryNext(_now + _options.Directory.AnswerTimeout))
        {
            if (lookup.Keeper == Self)
            {
                var isFound = false;
                foreach (var entry in EntriesOf(lookup.Key)) { isFound |= TakeEntry(lookup, entry); }
                if (isFound)
                {
                    End(lookup, DirectoryOutcome.Found);
                    return;
                }
                lookup.IsAnswered = true;
            }
            else if (TryReach(lookup.Keeper))
            {
                if (_peers.TryGetValue(lookup.Keeper, out var peer)) { AskNow(peer, lookup); }
                Release(before);
                return;
            }
        }
        End(lookup, lookup.IsAnswered ? DirectoryOutcome.NotFound : DirectoryOutcome.NoAnswer);
        Release(before);
    }

    // Whether a core node is connected, or will be, or not.
    private bool TryReach(NodeId keeper)
    {
        if (_peers.TryGetValue(keeper, out var peer)) { return peer.State is not MemberPeerState.Dismissed; }
        if (IsShunned(keeper)) { return false; }
        WantAddresses(keeper);
        _outputs.Enqueue(new MemberOutput.Connect(keeper, IsLink: false));
        return true;
    }

    private void AskNow(MemberPeer peer, DirectoryLookup lookup)
    {
        if (peer.State is not MemberPeerState.Verified || lookup.IsSent) { return; }
        lookup.IsSent = true;
        SendFrame(peer.Id, MeshFrameType.DirectoryLookup, DirectoryFrames.Question(lookup.Number, lookup.Key));
    }

    private bool TakeFound(MemberPeer peer, ReadOnlySpan<byte> body)
    {
        if (!DirectoryFrames.TryReadAnswer(body, out var number, out var entries)) { return false; }
        if (!_lookups.TryGetValue(number, out var lookup) || lookup.Keeper != peer.Id || !lookup.IsSent) { return true; } // too late
        var (isFound, wrong) = (false, default(string));
        foreach (var (certificate, addresses) in entries)
        {
            wrong = ReadEntry(lookup, certificate.Span, addresses.Span, out var entry);
            if (wrong is not null) { break; }
            isFound |= TakeEntry(lookup, entry!);
        }
        if (wrong is not null) { MemberLog.WrongAnswer(_logger, peer.Id, lookup.Key, wrong); }
        else { lookup.IsAnswered = true; }
        if (isFound) { End(lookup, DirectoryOutcome.Found); } else { AskNext(lookup); }
        return wrong is null;
    }

    // Says what is wrong with an answer that no honest node gives; null where nothing is.
    private string? ReadEntry(DirectoryLookup lookup, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> record, out DirectoryEntry? entry)
    {
        entry = null;
        if (NodeCertificate.Read(signed) is not { } certificate) { return "no certificate"; }
        if (certificate.Network != Network) { return "a certificate of another network"; }
        if (lookup.Name is null && certificate.Node != lookup.Node) { return "another node"; }
        AddressRecord? addresses = null;
        if (!record.IsEmpty && !AddressRecord.TryRead(record, out addresses)) { return "no address record"; }
        if (addresses is not null && addresses.Id != certificate.Node) { return "an address record of another node"; }
        entry = new(certificate, addresses);
        return null;
    }

    // Of the same name, by what is stated here; where the statement that renamed or admitted it has not come yet, it is not found yet.
    private bool TakeEntry(DirectoryLookup lookup, DirectoryEntry entry)
    {
        var certificate = entry.Certificate;
        if (lookup.Name is not null && !string.Equals(State.NameOf(certificate), lookup.Name, StringComparison.Ordinal)) { return false; }
        if (_roster.Add(certificate) is not CertificateVerdict.Valid) { return false; }
        if (entry.Addresses is { } addresses && certificate.Node != Self && _addresses.TryPut(addresses)) { KeepAddress(_addresses.Find(certificate.Node)!); }
        return true;
    }

    private void End(DirectoryLookup lookup, DirectoryOutcome outcome)
    {
        _lookups.Remove(lookup.Number);
        _members = null;
        MemberLog.LookedUp(_logger, outcome, lookup.Asked, lookup.Key);
        _outputs.Enqueue(new MemberOutput.LookedUp(lookup.Number, outcome));
        Release(lookup.Keeper);
    }

    // The mesh lets go of its links itself; what is none was made for the directory, or is the app's, which keeps it as long as it likes.
    private void Release(NodeId keeper)
    {
        if (!_peers.TryGetValue(keeper, out var peer) || peer.State is not MemberPeerState.Verified || peer.IsInMesh) { return; }
        if (_lookups.Values.Any(lookup => lookup.Keeper == keeper)) { return; }
        _outputs.Enqueue(new MemberOutput.Disconnect(keeper, MemberDisconnect.Unwanted));
    }

    private void AskVerified(MemberPeer peer)
    {
        foreach (var lookup in _lookups.Values)
        {
            if (lookup.Keeper == peer.Id) { AskNow(peer, lookup); }
        }
    }

    // A connection is gone, or did not come about.
    private void AskOthersThan(NodeId keeper)
    {
        foreach (var lookup in _lookups.Values.Where(lookup => lookup.Keeper == keeper).ToArray()) { AskNext(lookup); }
    }

    private void TendLookups()
    {
        foreach (var lookup in _lookups.Values.Where(lookup => lookup.Deadline <= _now).ToArray()) { AskNext(lookup); }
    }
}
