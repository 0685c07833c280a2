using Coco.Cluster.Certificates;
using Coco.Cluster.Lookup;
using Coco.Cluster.Membership;
using Coco.Cluster.Mesh;
using Coco.Traversal.Records;

namespace Coco.Cluster.Members;

/// <content>
/// The directory of an open network, as a core node keeps it: each member says over its own connection that it is there, so an entry needs no
/// proof but the certificate that the connection has shown. In a private network nothing of this is heard or answered.
/// </content>
internal sealed partial class NetworkMember
{
    private readonly NodeDirectory<DirectoryEntry> _directory;

    /// <summary>Entries of the directory that are kept here.</summary>
    public int DirectoryCount => _directory.Count;

    private bool KeepsDirectory => State.Profile is NetworkProfile.Open && _roster.IsCore(Self) && !_isRemoved;

    private bool TakeDirectory(MemberPeer peer, MeshFrameType type, ReadOnlySpan<byte> body) => type switch
    {
        MeshFrameType.DirectoryPublish => TakePublication(peer, body),
        MeshFrameType.DirectoryLookup => TakeQuestion(peer, body),
        _ => TakeFound(peer, body),
    };

    // Others may keep the directory now.
    private void HandleCoreChanged()
    {
        PublishSoon();
        BeginWaiting();
    }

    private void HandleKeeperVerified(MemberPeer peer)
    {
        AskVerified(peer);
        PublishVerified(peer);
    }

    private bool TakePublication(MemberPeer peer, ReadOnlySpan<byte> body)
    {
        if (!DirectoryFrames.TryReadPublication(body, out var places, out var bytes)) { return false; }
        if (!KeepsDirectory || _roster.Find(peer.Id) is not { } certificate || !peer.Publications.TryTake(_now)) { return true; }
        AddressRecord? addresses = null;
        if (!bytes.IsEmpty && (!AddressRecord.TryRead(bytes, out addresses) || addresses!.Id != peer.Id)) { return false; }
        _directory.Remove(peer.Id);
        var entry = new DirectoryEntry(certificate, addresses);
        if (places.HasFlag(DirectoryPlaces.Identity)) { _directory.TryPut(peer.Id, DirectoryPlaces.Identity, DirectoryKey.Of(peer.Id), entry, _now); }
        if (places.HasFlag(DirectoryPlaces.Name)) { _directory.TryPut(peer.Id, DirectoryPlaces.Name, DirectoryKey.Of(State.NameOf(certificate)), entry, _now); }
        MemberLog.Published(_logger, peer.Id, places);
        return true;
    }

    private bool TakeQuestion(MemberPeer peer, ReadOnlySpan<byte> body)
    {
        if (!DirectoryFrames.TryReadQuestion(body, out var number, out var key)) { return false; }
        if (!KeepsDirectory || !peer.Questions.TryTake(_now)) { return true; }
        SendFrame(peer.Id, MeshFrameType.DirectoryFound, DirectoryFrames.Answer(number, EntriesOf(key)));
        return true;
    }

    // Whoever was removed since is not told any more.
    private List<DirectoryEntry> EntriesOf(Graph.NodeTag key)
    {
        var time = _time.At(_now).UnixSeconds;
        return [.. _directory.Find(key).Where(entry => State.Check(entry.Certificate, time) is CertificateVerdict.Valid)];
    }

    // As names are given where two have one: the more senior issuer's first, then the smaller certificate's.
    private int InOrder(DirectoryEntry one, DirectoryEntry other)
    {
        var place = (State.PlaceOf(one.Certificate) ?? default).CompareTo(State.PlaceOf(other.Certificate) ?? default);
        return place != 0 ? place : one.Certificate.Id.CompareTo(other.Certificate.Id);
    }
}
