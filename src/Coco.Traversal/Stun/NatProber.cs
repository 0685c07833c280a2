using Coco.Crypto;
using Coco.Traversal.Links;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Traversal.Stun;

/// <summary>
/// Keeps an eye on the NATs between this host and the internet, one for IPv4 and one for IPv6, with the help of observers: STUN servers,
/// relays, peers with public addresses.
/// </summary>
internal sealed class NatProber
{
    private readonly StunClient _client;
    private readonly FamilyProber[] _families;
    private readonly ILogger _logger;

    public NatProber(NatProberOptions options, RandomSource random, ILogger? logger = null)
    {
        _client = new(options.Client, random);
        _families = [new(isIpv4: true, _client, options), new(isIpv4: false, _client, options)];
        _logger = logger ?? NullLogger.Instance;
    }

    /// <summary>The report of each family that was taken last; null while the network has no such family, or nothing is known.</summary>
    public NatReport? Ipv4 => _families[0].LastReport;

    /// <inheritdoc cref="Ipv4"/>
    public NatReport? Ipv6 => _families[1].LastReport;

    public TimeSpan? Deadline
    {
        get
        {
            var earliest = _client.Deadline;
            foreach (var family in _families)
            {
                if (family.NextRound is { } next && (earliest is null || next < earliest)) { earliest = next; }
            }
            return earliest;
        }
    }

    /// <summary>At start and at every change. Everything is asked anew.</summary>
    public void HandleNetwork(NetworkSnapshot snapshot, TimeSpan now)
    {
        foreach (var family in _families) { family.HandleNetwork(snapshot, now); }
    }

    /// <summary>Who can be asked, the most trusted first. Only the first few of each family are.</summary>
    public void SetObservers(IReadOnlyList<NetworkAddress> observers, TimeSpan now)
    {
        foreach (var family in _families) { family.SetObservers(observers, now); }
    }

    /// <summary>
    /// Lends a socket that nothing else uses, without which hairpin stays unknown and filtering is tested once only. It may be taken
    /// back (<see cref="ReleaseSecondSocket"/>) when a report is complete.
    /// </summary>
    public void UseSecondSocket(in LocalSocket socket, TimeSpan now)
    {
        foreach (var family in _families)
        {
            if (family.IsIpv4 ? socket.IsIpv4 : socket.IsIpv6) { family.SetSecond(socket, now); }
        }
    }

    /// <summary>Takes a socket back. What it helped to find out stays.</summary>
    public void ReleaseSecondSocket(int number, TimeSpan now)
    {
        foreach (var family in _families)
        {
            if (family.IsSecond(number)) { family.ReleaseSecond(now); }
        }
    }

    /// <summary>Asks everything now: after a sleep, or because something does not work as the last report has it.</summary>
    public void Refresh(TimeSpan now)
    {
        foreach (var family in _families) { family.Refresh(now); }
    }

    /// <summary>Takes a STUN message. False for what is none of ours; a STUN server may want it.</summary>
    public bool HandleDatagram(in Link from, ReadOnlySpan<byte> data, TimeSpan now)
    {
        if (_client.HandleDatagram(from, data, now))
        {
            HandleResults(now);
            return true;
        }
        if (!StunMessage.TryParse(data, out var message) || message.Class is not StunClass.Request) { return false; }
        // It came back in from our own outer address. The id is random: nobody else can have made it.
        var id = message.TransactionId;
        return Array.Exists(_families, family => family.HandleRequest(id, now));
    }

    public void HandleTimeout(TimeSpan now)
    {
        _client.HandleTimeout(now);
        HandleResults(now);
        foreach (var family in _families) { family.HandleTimeout(now); }
    }

    /// <summary>One request that is due. The buffer has at least <see cref="StunClient.MaxRequestLength"/> bytes.</summary>
    public bool TryTakeTransmit(Span<byte> buffer, TimeSpan now, out LinkTransmit transmit) => _client.TryTakeTransmit(buffer, now, out transmit);

    /// <summary>What is known of a family, when that changed.</summary>
    public bool TryTakeReport(out NatReport? report)
    {
        foreach (var family in _families)
        {
            var before = family.LastReport;
            if (!family.TryTakeReport(out report)) { continue; }
            Log(before, report!);
            return true;
        }
        report = null;
        return false;
    }

    private void HandleResults(TimeSpan now)
    {
        while (_client.TryTakeResult(out var result))
        {
            foreach (var family in _families)
            {
                if (family.HandleResult(result, now)) { break; }
            }
        }
    }

    private void Log(NatReport? before, NatReport report)
    {
        var family = report.IsIpv4 ? "IPv4" : "IPv6";
        if (report.IsUdpBlocked && before?.IsUdpBlocked != true) { _logger.UdpBlocked(family, report.Evidence.Count); }
        if (report.MappedAddress is { } mapped && mapped != before?.MappedAddress)
        {
            if (before?.MappedAddress is { } old) { _logger.MappedAddressChanged(family, mapped, old); }
            else { _logger.MappedAddressFound(family, mapped); }
        }
        if (report.IsComplete) { _logger.Classified(family, report.Mapping, report.Filtering, report.Hairpin, report.Rebindings); }
    }
}
