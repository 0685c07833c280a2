using Coco.Traversal;

namespace Coco.Cluster.Discovery;

/// <content>What others on the LAN ask and say.</content>
internal sealed partial class LanDiscovery
{
    // RFC 6762 §2, §3.
    private const int Port = 5353;

    // Chosen: with 65 bytes each, a query stays below 1,200 bytes.
    private const int MaxKnownAnswers = 16;

    // RFC 6762 §10.1: a goodbye takes effect after a second, so that a record that others hold too can be rescued.
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(1);

    /// <summary>A datagram came in at port 5353. Those from beyond the link are not looked at (RFC 6762 §11).</summary>
    public void HandleDatagram(int interfaceIndex, in NetworkAddress from, ReadOnlySpan<byte> datagram, TimeSpan now)
    {
        // §6.7: questions from other ports are of resolvers that want their answer by unicast. Answering them is how multicast DNS
        // becomes an amplifier, and no member asks so.
        if (_isStopped || from.Port != Port || !_links.TryGetValue(interfaceIndex, out var link) || !IsOnLink(link, from)) { return; }
        if (!link.Datagrams.TryTake(now) || !DnsMessage.TryDecode(datagram, out var message)) { return; }
        if (message.IsResponse)
        {
            HandleResponse(link, message, now);
        }
        else
        {
            HandleQuery(link, message, now);
        }
    }

    private void HandleQuery(LanLink link, DnsMessage query, TimeSpan now)
    {
        var own = InstanceName(_instance);
        var isKnown = query.Records.Any(record => record.Type is DnsType.Ptr && own.Equals(record.Target) && record.Ttl >= _options.TimeToLive.TotalSeconds / 2);
        var isAsked = false;
        foreach (var question in query.Questions)
        {
            var isPointer = question.Type is DnsType.Ptr or DnsType.Any;
            isAsked |= isPointer && !isKnown && question.Name.Equals(Service);
            isAsked |= question.Type is DnsType.Srv or DnsType.Txt or DnsType.Any && question.Name.Equals(own);
            if (!isPointer || !question.Name.Equals(Services)) { continue; }
            link.AnswersServices = isAsked = true;
        }
        if (!isAsked || link.ResponseAt != TimeSpan.MaxValue) { return; }
        // §6: a record is multicast at most once in a second, whoever asks however often.
        var earliest = link.LastResponse + TimeSpan.FromSeconds(1);
        var due = now + Jitter();
        link.ResponseAt = due > earliest ? due : earliest;
    }

    private void HandleResponse(LanLink link, DnsMessage response, TimeSpan now)
    {
        foreach (var record in response.Records)
        {
            if (record.Type is not DnsType.Txt || !record.Name.TryGetInstance(Service, out var instance)) { continue; }
            if (string.Equals(instance, _instance, StringComparison.OrdinalIgnoreCase) || !_key.TryRecognise(instance, out var nonce)) { continue; }
            if (!LanPresence.TryDecodeText(_key, nonce, record.Data.Span, out var presence) || presence.Node == _self) { continue; }
            if (record.Ttl == 0) { HandleGoodbye(presence, instance, now); }
            else { HandlePresence(link, presence, instance, record.Ttl, now); }
        }
    }

    private void HandleGoodbye(LanPresence presence, string instance, TimeSpan now)
    {
        if (!_peers.TryGetValue(presence.Node, out var peer) || !string.Equals(peer.Instance, instance, StringComparison.OrdinalIgnoreCase)) { return; }
        _peers[presence.Node] = peer with { ExpiresAt = Min(peer.ExpiresAt, now + Goodbye) };
    }

    private void HandlePresence(LanLink link, LanPresence presence, string instance, uint ttl, TimeSpan now)
    {
        var addresses = presence.Addresses.Select(address => WithZone(address, link.Index)).ToArray();
        var isKnown = _peers.TryGetValue(presence.Node, out var peer);
        if (!isKnown && _peers.Count >= _options.MaxPeers) { return; }
        var lifetime = Min(TimeSpan.FromSeconds(ttl), _options.TimeToLive);
        _peers[presence.Node] = new(presence with { Addresses = addresses }, instance, link.Index, now, now + lifetime);
        if (isKnown && peer!.InterfaceIndex == link.Index && peer.Presence.Addresses.SequenceEqual(addresses)) { return; }
        _events.Enqueue(new LanEvent.Found(presence.Node, addresses, link.Index));
    }

    private bool IsOnLink(LanLink link, in NetworkAddress from)
    {
        if (from.IsLinkLocal) { return true; }
        foreach (var one in _interfaces)
        {
            if (one.InterfaceIndex == link.Index && one.Address.SharesPrefix(from, one.PrefixLength)) { return true; }
        }
        return false;
    }

    private static NetworkAddress WithZone(in NetworkAddress address, int interfaceIndex)
    {
        if (address.IsIpv4 || !address.IsLinkLocal) { return address; }
        Span<byte> bytes = stackalloc byte[16];
        address.WriteIpv6(bytes);
        return NetworkAddress.FromIpv6(bytes, address.Port, (uint)interfaceIndex);
    }
}
