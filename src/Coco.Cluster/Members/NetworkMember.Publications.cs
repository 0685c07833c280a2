using Coco.Cluster.Lookup;
using Coco.Cluster.Membership;
using Coco.Cluster.Mesh;
using Coco.Crypto;

namespace Coco.Cluster.Members;

/// <content>
/// What a member of an open network does to be found: it tells the core nodes that keep its identity and its name, over connections of its own,
/// when there is something new, when others keep them than before, and every few hours. Core nodes are in everybody's graph.
/// </content>
internal sealed partial class NetworkMember
{
    private const int MaxDoublings = 6;

    private readonly Dictionary<NodeId, DirectoryPublication> _publications = [];
    private TimeSpan? _publishAt;

    private bool IsListed => State.Profile is NetworkProfile.Open && !_roster.IsCore(Self) && !_isRemoved;

    private void PublishSoon()
    {
        if (!IsListed)
        {
            _publishAt = null;
            _publications.Clear();
        }
        else if (_publishAt is null || _publishAt > _now + (_options.Directory.Delay * 2)) { PublishAt(_now + Spread(_options.Directory.Delay)); }
    }

    private void PublishAt(TimeSpan at) => _publishAt = Earlier(_publishAt, at);

    private void TendPublications()
    {
        _publishAt = null;
        if (!IsListed) { return; }
        var wanted = new Dictionary<NodeId, DirectoryPlaces>();
        foreach (var keeper in Mesh.KeepersOf(DirectoryKey.Of(Self))) { wanted[keeper] = DirectoryPlaces.Identity; }
        foreach (var keeper in Mesh.KeepersOf(DirectoryKey.Of(State.NameOf(Certificate)))) { wanted[keeper] = wanted.GetValueOrDefault(keeper) | DirectoryPlaces.Name; }
        foreach (var keeper in _publications.Keys.Where(keeper => !wanted.ContainsKey(keeper)).ToArray()) { _publications.Remove(keeper); }
        foreach (var (keeper, places) in wanted)
        {
            if (!_publications.TryGetValue(keeper, out var publication)) { _publications[keeper] = publication = new(); }
            publication.Places = places;
            Publish(keeper, publication);
        }
    }

    private void Publish(NodeId keeper, DirectoryPublication publication)
    {
        var options = _options.Directory;
        var news = (publication.Places, Certificate.Id, State.NameOf(Certificate), AddressOf(Self)?.Sequence ?? 0);
        if (publication.SaidAt is { } saidAt)
        {
            // A keeper that is told too often does not listen.
            var due = saidAt + (publication.Said == news ? options.Refresh : options.PublicationInterval);
            if (_now < due)
            {
                PublishAt(due);
                return;
            }
        }
        if (_peers.TryGetValue(keeper, out var peer) && peer.State is MemberPeerState.Verified)
        {
            SendFrame(keeper, MeshFrameType.DirectoryPublish, DirectoryFrames.Publication(publication.Places, (AddressOf(Self)?.Encoded ?? default).Span));
            (publication.Said, publication.SaidAt, publication.Failures, publication.RetryAt) = (news, _now, 0, default);
            PublishAt(_now + options.Refresh);
            Release(keeper);
            return;
        }
        if (_now >= publication.RetryAt)
        {
            publication.RetryAt = _now + Spread(options.Retry * (1 << Math.Min(publication.Failures++, MaxDoublings)));
            TryReach(keeper);
        }
        PublishAt(publication.RetryAt);
    }

    private void PublishVerified(MemberPeer peer)
    {
        if (IsListed && _publications.TryGetValue(peer.Id, out var publication)) { Publish(peer.Id, publication); }
    }

    // One to two times as long, so that many nodes that heard of one thing do not all call at once.
    private TimeSpan Spread(TimeSpan time)
    {
        Span<byte> dice = stackalloc byte[2];
        _host.Random.Fill(dice);
        return time * (1 + (dice[0] / 256.0) + (dice[1] / 65536.0));
    }
}
