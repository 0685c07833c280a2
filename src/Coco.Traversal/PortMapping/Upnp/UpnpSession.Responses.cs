using System.Buffers.Binary;

namespace Coco.Traversal.PortMapping.Upnp;

/// <summary>What the answers to our requests mean.</summary>
internal sealed partial class UpnpSession
{
    // Chosen: external ports drawn when the wanted one is taken; above those of services, below the dynamic ones of many NATs.
    private const int FirstDrawnPort = 20_000;
    private const int DrawnPorts = 12_000;

    private void HandleDescription(int status, ReadOnlySpan<byte> body)
    {
        _services = [];
        _nextService = 0;
        if (status != 200 || body.Length > Options.MaxHttpBody) { return; }
        var location = _devices[_nextDevice - 1].Location;
        _services = [.. DeviceDescription.Parse(body, location).Where(service => IsAllowed(service.Control, _device))];
    }

    private void HandleControl(SoapResponse response, TimeSpan now)
    {
        if (_step is UpnpStep.Remove)
        {
            _entry!.Begin(EntryPhase.Gone, TimeSpan.MaxValue);
            return;
        }
        if (_service is not null && response.Error is UpnpError.Unspecified)
        {
            HandleFailure(now);
            return;
        }
        _failures = 0;
        if (_step is UpnpStep.Address) { HandleAddress(response, now); }
        else if (_entry!.Phase is not (EntryPhase.Removing or EntryPhase.Gone)) { HandleEntry(_entry, response, now); }
        else if (_step is UpnpStep.Add && response.Port("NewReservedPort") is > 0 and var port) { _entry.ExternalPort = port; } // granted while we stop
    }

    private void HandleAddress(SoapResponse response, TimeSpan now)
    {
        var isKnown = NetworkAddress.TryParseHost(response.Value("NewExternalIPAddress"), out var address)
            && address.WithPort(1).IsSendable;
        if (_service is not null)
        {
            if (isKnown) { _external = address; }
            return;
        }
        // A service without an address is not the one that is connected; a router can have several.
        var candidate = _services[_nextService++];
        if (!isKnown) { return; }
        (_service, _external, _nextCheck) = (candidate, address, now + Options.CheckInterval);
        _nextSearch = TimeSpan.MaxValue;
        foreach (var entry in Entries) { entry.Ask(now); }
    }

    private void HandleEntry(MappingEntry entry, SoapResponse response, TimeSpan now)
    {
        switch (_step)
        {
            case UpnpStep.Probe:
                if (response.IsSuccess && !IsOurs(entry, response)) { TryAnotherPort(entry, now); }
                else { entry.IsPortChecked = true; } // nobody's, or the router does not tell
                break;
            case UpnpStep.Check when response.IsSuccess && !IsOurs(entry, response):
                TryAnotherPort(entry, now);
                break;
            case UpnpStep.Check when response.Error is UpnpError.NoSuchEntryInArray:
                entry.Ask(now); // the router forgot
                break;
            case UpnpStep.Add when response.IsSuccess:
                HandleAdded(entry, response, now);
                break;
            case UpnpStep.Add:
                HandleNotAdded(entry, response.Error, now);
                break;
        }
    }

    private void HandleAdded(MappingEntry entry, SoapResponse response, TimeSpan now)
    {
        entry.IsPortChecked = true;
        var reserved = response.Port("NewReservedPort");
        Grant(entry, reserved == 0 ? entry.ExternalPort : reserved, Options.Lifetime, now);
        entry.PortTries = 0;
        if (!entry.IsPermanent) { entry.NextSend = now + (Options.Lifetime / 2); }
    }

    private void HandleNotAdded(MappingEntry entry, UpnpError error, TimeSpan now)
    {
        switch (error)
        {
            case UpnpError.ConflictInMappingEntry or UpnpError.ConflictWithOtherMechanisms:
                TryAnotherPort(entry, now);
                break;
            // InvalidArguments is what some routers without leases say of one.
            case UpnpError.OnlyPermanentLeasesSupported or UpnpError.InvalidArguments when !entry.IsPermanent:
                entry.IsPermanent = true;
                break;
            case UpnpError.InvalidAction or UpnpError.OptionalActionNotImplemented when !_hasNoAddAny:
                _hasNoAddAny = true;
                break;
            case UpnpError.SamePortValuesRequired when entry.ExternalPort != entry.Wanted.InternalPort && entry.PortTries < Options.MaxPortTries:
                entry.PortTries++;
                entry.ExternalPort = entry.Wanted.InternalPort;
                break;
            default:
                Refuse(entry, now + Options.MaxRetryDelay, now);
                break;
        }
    }

    private void TryAnotherPort(MappingEntry entry, TimeSpan now)
    {
        // What another host has is not ours to remove.
        (entry.WasAsked, entry.WasGranted, entry.Expiry, entry.IsPortChecked) = (false, false, TimeSpan.Zero, false);
        if (++entry.PortTries >= Options.MaxPortTries)
        {
            Refuse(entry, now + Options.MaxRetryDelay, now);
            return;
        }
        Span<byte> bytes = stackalloc byte[2];
        Random.Fill(bytes);
        entry.ExternalPort = FirstDrawnPort + (BinaryPrimitives.ReadUInt16BigEndian(bytes) % DrawnPorts);
        entry.Ask(now);
    }

    // A router restarts with another control URL, so failing twice means to look for it anew.
    private void HandleFailure(TimeSpan now)
    {
        if (++_failures >= 2)
        {
            State = SessionState.Failed;
            return;
        }
        switch (_step)
        {
            case UpnpStep.Address: _nextCheck = now + RetryAfter; break;
            default:
                _entry!.NextSend = now + RetryAfter;
                break;
        }
    }

    private bool IsOurs(MappingEntry entry, SoapResponse response) =>
        response.Port("NewInternalPort") == entry.Wanted.InternalPort
        && NetworkAddress.TryParseHost(response.Value("NewInternalClient"), out var client) && client.HasSameHost(Gateway.Local);
}
