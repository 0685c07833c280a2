using Coco.Crypto;

namespace Coco.Traversal.PortMapping.Upnp;

/// <summary>
/// Finds UPnP routers, chooses the first service that knows its outer address, and keeps mappings there. One request at a time: routers
/// serve little more.
/// </summary>
internal sealed partial class UpnpSession(PortGateway gateway, IReadOnlyList<WantedMapping> wanted, PortMapperOptions options, RandomSource random, MapperOutput output)
    : MappingSession(gateway, EntriesFor(wanted), options, random, output)
{
    // UPnP Device Architecture 1.1 §1.3.2: searches are repeated, because UDP loses; waits chosen, longer than MX each.
    private static readonly TimeSpan[] SearchWaits = [TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3)];

    // Chosen: a request that failed is tried once more after this.
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(3);

    private readonly List<(HttpAddress Location, NetworkAddress Device)> _devices = [];
    private NetworkAddress _device;
    private int _nextDevice;
    private IReadOnlyList<(string Type, HttpAddress Control)> _services = [];
    private int _nextService;
    private (string Type, HttpAddress Control)? _service;
    private NetworkAddress _external;
    private bool _hasNoAddAny;
    private int _failures;
    private int _searches;
    private TimeSpan _nextSearch = TimeSpan.MaxValue;
    private bool _isSearchOver;
    private TimeSpan _nextCheck = TimeSpan.MaxValue;
    private int _request; // the number of the request in flight; 0 for none
    private UpnpStep _step;
    private MappingEntry? _entry;

    public override PortMappingProtocol Protocol => PortMappingProtocol.Upnp;

    public override TimeSpan Deadline
    {
        get
        {
            if (IsStopping || IsSuspended || State is SessionState.Failed) { return TimeSpan.MaxValue; } // answers drive a removal
            var deadline = _nextSearch;
            if (_service is null) { return deadline; }
            if (_request == 0 && _nextCheck < deadline) { deadline = _nextCheck; }
            foreach (var entry in Entries)
            {
                if (_request == 0 && entry.NextSend < deadline) { deadline = entry.NextSend; }
                if (entry.Expiry > TimeSpan.Zero && entry.Expiry < deadline) { deadline = entry.Expiry; }
            }
            return deadline;
        }
    }

    public override NetworkAddress ExternalOf(MappingEntry entry) => _external.WithPort(entry.ExternalPort);

    public override void Start(TimeSpan now)
    {
        _nextSearch = now;
        HandleTimeout(now);
    }

    public override void HandleTimeout(TimeSpan now)
    {
        if (!IsStopping)
        {
            if (IsSuspended || State is SessionState.Failed) { return; }
            if (now >= _nextSearch) { Search(now); }
            foreach (var entry in Entries)
            {
                if (entry.Expiry > TimeSpan.Zero && now >= entry.Expiry) { Refuse(entry, now, now); }
            }
        }
        Proceed(now);
    }

    /// <summary>Takes an answer to a search.</summary>
    public void HandleSearchResponse(ReadOnlySpan<byte> datagram, NetworkAddress source, TimeSpan now)
    {
        if (IsStopping || IsSuspended || _devices.Count == Options.MaxDevices) { return; }
        if (!SsdpSearch.TryParseResponse(datagram, out var location) || !IsAllowed(location, source)) { return; }
        if (_devices.Exists(known => known.Location == location)) { return; }
        // The default router is asked before other devices of the network.
        var at = source.HasSameHost(Gateway.Router) ? _nextDevice : _devices.Count;
        _devices.Insert(at, (location, source));
        Proceed(now);
    }

    /// <summary>Takes the answer to a request of ours; status 0 for none.</summary>
    public bool HandleResponse(int number, int status, ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (number != _request || number == 0) { return false; }
        _request = 0;
        if (_step is UpnpStep.Describe) { HandleDescription(status, body); }
        else { HandleControl(SoapResponse.Parse(status, body), now); }
        Proceed(now);
        return true;
    }

    protected override void HandleStop(TimeSpan now)
    {
        if (_service is null)
        {
            foreach (var entry in Entries) { entry.Begin(EntryPhase.Gone, TimeSpan.MaxValue); }
        }
        Proceed(now);
    }

    protected override void Check(TimeSpan now) => _nextCheck = now;

    // Whoever answers may name only itself or the router as where to go on: else we would knock at doors of its choice.
    private bool IsAllowed(in HttpAddress address, in NetworkAddress device) =>
        !address.Server.HasSameHost(Gateway.Local)
        && (address.Server.HasSameHost(Gateway.Router)
            || (address.Server.HasSameHost(device) && device.SharesPrefix(Gateway.Local, Gateway.PrefixLength)));

    private void Search(TimeSpan now)
    {
        if (_searches == SearchWaits.Length)
        {
            (_nextSearch, _isSearchOver) = (TimeSpan.MaxValue, true);
            return;
        }
        foreach (var target in SsdpSearch.Targets)
        {
            // To the group, and to the router alone: some networks carry no groups.
            Output.Transmits.Enqueue(new(Gateway.Local, SsdpSearch.Group, SsdpSearch.Request(target, SsdpSearch.Group)));
            var router = Gateway.Router.WithPort(SsdpSearch.Port);
            Output.Transmits.Enqueue(new(Gateway.Local, router, SsdpSearch.Request(target, router)));
        }
        _nextSearch = now + SearchWaits[_searches++];
    }

    private void Proceed(TimeSpan now)
    {
        if (_request != 0) { return; }
        if (IsStopping) { RemoveNext(); }
        else if (IsSuspended || State is SessionState.Failed) { return; }
        else if (_service is null) { Choose(); }
        else { Keep(now); }
    }

    private void Choose()
    {
        if (_nextService < _services.Count)
        {
            var (type, control) = _services[_nextService];
            Post(UpnpStep.Address, null, type, control, SoapAction.GetExternalIPAddress, SoapRequest.GetExternalIPAddress(type));
        }
        else if (_nextDevice < _devices.Count)
        {
            (var location, _device) = _devices[_nextDevice++];
            Enqueue(UpnpStep.Describe, null, location, null, "");
        }
        else if (_isSearchOver)
        {
            State = SessionState.Failed;
        }
    }

    private void Keep(TimeSpan now)
    {
        var due = Entries.FirstOrDefault(entry => now >= entry.NextSend && entry.Phase is EntryPhase.Asking or EntryPhase.Held or EntryPhase.Refused);
        if (due is not null)
        {
            if (due.Phase is EntryPhase.Refused) { due.Ask(now); }
            Ask(due);
        }
        else if (now >= _nextCheck)
        {
            _nextCheck = now + Options.CheckInterval;
            foreach (var entry in Entries) { entry.NeedsCheck = entry.Phase is EntryPhase.Held; }
            Control(UpnpStep.Address, null, SoapAction.GetExternalIPAddress, SoapRequest.GetExternalIPAddress(_service!.Value.Type));
        }
        else if (Entries.FirstOrDefault(entry => entry is { NeedsCheck: true, Phase: EntryPhase.Held }) is { } entry)
        {
            entry.NeedsCheck = false;
            Look(UpnpStep.Check, entry);
        }
    }

    private void Ask(MappingEntry entry)
    {
        var type = _service!.Value.Type;
        var usesAny = type == ServiceType.Ip2 && !_hasNoAddAny;
        if (!usesAny && !entry.IsPortChecked)
        {
            // Some routers give a port away a second time; whoever has it keeps it.
            Look(UpnpStep.Probe, entry);
            return;
        }
        var action = usesAny ? SoapAction.AddAnyPortMapping : SoapAction.AddPortMapping;
        var lease = entry.IsPermanent ? 0 : (uint)Options.Lifetime.TotalSeconds;
        entry.WasAsked = true;
        Control(UpnpStep.Add, entry, action, SoapRequest.Add(
            type, action, entry.Wanted.Transport, entry.ExternalPort, entry.Wanted.InternalPort, Gateway.Local, Options.Description, lease));
    }

    private void Look(UpnpStep step, MappingEntry entry) => Control(step, entry, SoapAction.GetSpecificPortMappingEntry,
        SoapRequest.GetSpecificPortMappingEntry(_service!.Value.Type, entry.Wanted.Transport, entry.ExternalPort));

    private void RemoveNext()
    {
        if (_service is null || Entries.FirstOrDefault(entry => entry.Phase is EntryPhase.Removing) is not { } entry) { return; }
        Control(UpnpStep.Remove, entry, SoapAction.DeletePortMapping,
            SoapRequest.DeletePortMapping(_service.Value.Type, entry.Wanted.Transport, entry.ExternalPort));
    }

    private void Control(UpnpStep step, MappingEntry? entry, string action, string body) =>
        Post(step, entry, _service!.Value.Type, _service.Value.Control, action, body);

    private void Post(UpnpStep step, MappingEntry? entry, string type, in HttpAddress control, string action, string body) =>
        Enqueue(step, entry, control, SoapAction.Header(type, action), body);

    private void Enqueue(UpnpStep step, MappingEntry? entry, in HttpAddress address, string? action, string body)
    {
        (_step, _entry, _request) = (step, entry, Output.NextNumber());
        Output.Requests.Enqueue(new(_request, Gateway.Local, address.Server, address.Path, action, body));
    }
}
