using Coco.Cluster.Membership;
using Coco.Cluster.Mesh;
using Coco.Cluster.Statements;
using Coco.Crypto;
using Coco.Quic.Packets;
using Coco.Traversal;
using Coco.Traversal.Records;

namespace Coco.Cluster.Members;

/// <content>
/// Where members can be found. While there are few, each knows of all; where there are many, neighbours know of each other, and whoever is to
/// be called is asked for.
/// <code>
/// AddressRecords (9)    = ( length varint ‖ record ) × …        of nodes the peer may see
/// AddressesWanted (15)  = NodeId × …                            at most 16
/// </code>
/// </content>
internal sealed partial class NetworkMember
{
    private const int MaxWantedAddresses = 16;
    private const int MaxToldAddresses = 64;
    private const int MaxContacts = 16;
    private const int FewAddresses = 3;
    private const int AddressFrame = 32_768;

    private static readonly TimeSpan LanMemory = TimeSpan.FromHours(2);

    /// <summary>A record of our own, or one found elsewhere: kept, and told to neighbours who may see its node.</summary>
    public void HandleAddressRecord(AddressRecord record, TimeSpan now)
    {
        _now = now;
        TakeRecord(record, default);
        Finish();
    }

    /// <summary>The newest record known of a node.</summary>
    public AddressRecord? AddressOf(NodeId node) => _addresses.Find(node)?.Record;

    /// <summary>A node was found on this LAN.</summary>
    public void HandleLanPeer(NodeId node, IReadOnlyList<NetworkAddress> addresses, TimeSpan now)
    {
        _now = now;
        if (node == Self || State.Facts.RevokedNodes.ContainsKey(node)) { return; }
        _addresses.PutLan(node, addresses, now);
        Mesh.HandleAddress(node, now); // a call may have failed for want of it
        SetContacts();
        Finish();
    }

    /// <summary>Where a node was seen on this LAN, not long ago.</summary>
    public IReadOnlyList<NetworkAddress> LanAddressesOf(NodeId node) =>
        _addresses.Find(node) is { } entry && _now - entry.LanSeenAt < LanMemory ? entry.LanAddresses : [];

    /// <summary>The connection over which this node joins is one to a member, though the certificate that says so is not here yet: that member is
    /// remembered as one that served, also over a restart.</summary>
    public void HandleSponsor(NodeId sponsor, AddressRecord? record, TimeSpan now)
    {
        _now = now;
        if (record?.Id == sponsor) { _addresses.TryPut(record); }
        KeepServed(sponsor);
        Finish();
    }

    /// <summary>Nodes to look for until they are within reach, besides those this node remembers.</summary>
    public void SetContacts(IReadOnlyCollection<NodeId> contacts, TimeSpan now)
    {
        _now = now;
        _contacts = [.. contacts.Take(MaxContacts)];
        SetContacts();
        Finish();
    }

    private readonly Dictionary<NodeId, byte[]> _earlyRecords = []; // of nodes whose certificates we do not have
    private NodeId[] _contacts = [];

    // Whoever is near, then whom the host names, then who served last.
    private void SetContacts()
    {
        var near = _addresses.Recent.Where(entry => entry.LanAddresses.Count > 0 && _now - entry.LanSeenAt < LanMemory).Select(static entry => entry.Node);
        // Whom an app connected to in another part of an open network is no way back into this one.
        var recent = _addresses.Recent.Where(entry => entry.LastGood > 0 && !IsElsewhere(entry.Node)).Select(static entry => entry.Node);
        NodeId[] all = [.. near.Take(MaxContacts / 2).Concat(_contacts).Concat(recent).Where(node => node != Self).Distinct().Take(MaxContacts)];
        Mesh.SetContacts(all, _now);
    }

    private bool IsElsewhere(NodeId node) => State.Profile is NetworkProfile.Open && _roster.IsMember(node) && !ShareGraph(Self, node);

    private bool TakeRecord(AddressRecord record, NodeId from)
    {
        var isFirst = AddressOf(record.Id) is null;
        if (!_roster.IsMember(record.Id) || !_addresses.TryPut(record)) { return false; }
        if (isFirst) { Mesh.HandleAddress(record.Id, _now); } // a call may have failed for want of it
        KeepAddress(_addresses.Find(record.Id)!);
        if (record.Id == Self) { PublishSoon(); }
        if (record.Id != Self && _roster.Count > _options.FloodAddressesUpTo) { return true; }
        foreach (var peer in _peers.Values)
        {
            if (peer.State is MemberPeerState.Verified && peer.Id != from && peer.Id != record.Id && ShareGraph(peer.Id, record.Id))
            {
                SendRecords(peer.Id, [record]);
            }
        }
        return true;
    }

    private bool TakeAddressRecords(MemberPeer peer, ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        for (var count = 0; !reader.IsEmpty; count++)
        {
            if (count == MaxToldAddresses || !reader.TryReadVarIntBytes(out var bytes)) { return false; }
            if (bytes.Length < NodeId.Size) { return false; }
            var node = NodeId.Read(bytes[..NodeId.Size]);
            if (node == Self) { continue; }
            if (!_roster.IsMember(node))
            {
                // Its certificate may be on the way; until then the record is not worth verifying.
                if (bytes.Length <= AddressRecord.MaxLength && !_earlyRecords.ContainsKey(node) && _earlyRecords.Count == MaxToldAddresses) { _earlyRecords.Clear(); } // nobody fills it for ever
                if (bytes.Length <= AddressRecord.MaxLength) { _earlyRecords[node] = bytes.ToArray(); }
                continue;
            }
            if (_addresses.Find(node)?.Record is { } known && known.Encoded.Span.SequenceEqual(bytes)) { continue; }
            if (!AddressRecord.TryRead(bytes, out var record)) { return false; }
            TakeRecord(record!, peer.Id);
        }
        return true;
    }

    // What came before we knew of the node.
    private void TakeEarlyRecords()
    {
        if (_earlyRecords.Count == 0) { return; }
        foreach (var (node, bytes) in _earlyRecords)
        {
            if (!_roster.IsMember(node)) { continue; }
            _earlyRecords.Remove(node);
            if (AddressRecord.TryRead(bytes, out var record) && record!.Id == node) { TakeRecord(record, default); }
        }
    }

    private bool TakeAddressesWanted(MemberPeer peer, ReadOnlySpan<byte> body)
    {
        if (body.Length % NodeId.Size != 0 || body.Length > MaxWantedAddresses * NodeId.Size) { return false; }
        var found = new List<AddressRecord>();
        for (; !body.IsEmpty; body = body[NodeId.Size..])
        {
            if (!peer.AddressQuestions.TryTake(_now))
            {
                MemberLog.FrameRefused(_logger, peer.Id, MeshFrameType.AddressesWanted, "it asks too often");
                break;
            }
            var node = NodeId.Read(body[..NodeId.Size]);
            if (SeeEachOther(peer.Id, node) && AddressOf(node) is { } record) { found.Add(record); }
        }
        SendRecords(peer.Id, found);
        return true;
    }

    private void WantAddresses(NodeId node)
    {
        if (AddressOf(node) is not null) { return; }
        Span<byte> body = stackalloc byte[NodeId.Size];
        node.CopyTo(body);
        foreach (var peer in _peers.Values)
        {
            if (peer.State is MemberPeerState.Verified && SeeEachOther(peer.Id, node)) { SendFrame(peer.Id, MeshFrameType.AddressesWanted, body); }
        }
    }

    // Whoever was to be called in vain before there was anybody to ask.
    private void WantAddressesLacking(MemberPeer peer)
    {
        Span<byte> body = stackalloc byte[MaxWantedAddresses * NodeId.Size];
        var writer = new SpanWriter(body);
        foreach (var node in Mesh.LackingAddress.Where(node => SeeEachOther(peer.Id, node)).Take(MaxWantedAddresses)) { node.CopyTo(writer.Reserve(NodeId.Size)); }
        if (writer.Position > 0) { SendFrame(peer.Id, MeshFrameType.AddressesWanted, writer.Written); }
    }

    private void TellAddresses(MemberPeer peer)
    {
        var most = _roster.Count > _options.FloodAddressesUpTo ? FewAddresses : MaxToldAddresses - 1;
        var told = _addresses.Recent.Where(entry => entry.Record is not null && entry.Node != peer.Id && entry.Node != Self && ShareGraph(peer.Id, entry.Node));
        var records = told.Take(most).Select(static entry => entry.Record!);
        SendRecords(peer.Id, [.. AddressOf(Self) is { } own ? records.Prepend(own) : records]);
    }

    private void SendRecords(NodeId to, IReadOnlyList<AddressRecord> records)
    {
        // Mostly one record, or a few, and not what a frame may have.
        var length = records.Sum(static record => VarInt.MaxLength + record.Encoded.Length);
        var body = new byte[Math.Min(length, AddressFrame + AddressRecord.MaxLength + VarInt.MaxLength)];
        var writer = new SpanWriter(body);
        foreach (var record in records)
        {
            writer.WriteLengthBytes(record.Encoded.Span);
            if (writer.Position < AddressFrame) { continue; }
            SendFrame(to, MeshFrameType.AddressRecords, writer.Written);
            writer = new(body);
        }
        if (writer.Position > 0) { SendFrame(to, MeshFrameType.AddressRecords, writer.Written); }
    }

    private void KeepServed(NodeId node)
    {
        var entry = _addresses.Find(node);
        var time = _time.At(_now).UnixSeconds;
        // Not each reconnection is worth a write.
        if (entry is not null && entry.LastGood != 0 && time < entry.LastGood + 3600) { _addresses.Served(node, time); return; }
        KeepAddress(_addresses.Served(node, Math.Max(1, time)));
    }

    private void KeepAddress(AddressEntry entry)
    {
        var value = new byte[sizeof(ulong) + (entry.Record?.Encoded.Length ?? 0)];
        var writer = new SpanWriter(value);
        writer.WriteUInt64(entry.LastGood);
        if (entry.Record is { } record) { writer.WriteBytes(record.Encoded.Span); }
        Keep(MemberTable.Addresses, KeyOf(entry.Node), value);
        while (_addresses.TryTakeForgotten(out var forgotten)) { Keep(MemberTable.Addresses, KeyOf(forgotten), default); }
        KeepContacts();
    }

    // The few that a node which keeps nothing else begins with.
    private void KeepContacts()
    {
        var served = _addresses.Recent.Where(entry => entry is { Record: not null, LastGood: > 0 } && entry.Node != Self).Take(FewAddresses).ToArray();
        var value = new byte[served.Sum(static entry => VarInt.MaxLength + entry.Record!.Encoded.Length)];
        var writer = new SpanWriter(value);
        foreach (var entry in served) { writer.WriteLengthBytes(entry.Record!.Encoded.Span); }
        if (writer.Written.SequenceEqual(_keptContacts)) { return; }
        _keptContacts = writer.Written.ToArray();
        Keep(MemberTable.Self, ContactsKey, _keptContacts);
    }

    private void LoadContacts(ReadOnlySpan<byte> row)
    {
        var reader = new SpanReader(row);
        var records = new Stack<AddressRecord>();
        while (reader.TryReadVarIntBytes(out var bytes))
        {
            if (AddressRecord.TryRead(bytes, out var record)) { records.Push(record!); }
        }
        // The one that served last comes last; when, was not kept.
        foreach (var record in records.DistinctBy(static record => record.Id)) { _addresses.Load(record.Id, lastGood: 1, record); }
    }

    private byte[] _keptContacts = [];
}
