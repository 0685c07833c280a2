using Coco.Traversal.Relays;
using Coco.Transport.Loop;
using Coco.Transport.PortMapping;
using Coco.Traversal.PortMapping;
using Coco.Traversal.Records;

namespace Coco.Transport;

/// <summary>How others find the endpoint: ports mapped at routers, address records, and being a relay.</summary>
public sealed partial class Endpoint
{
    private PortMappingService? _portMapping;
    private int _publishedVersion; // the loop's
    private Task _publishing = Task.CompletedTask; // the loop's, until it has ended

    /// <summary>Stops being a relay: clients are told to go elsewhere, new ones are refused, and those that are left at the end of the time are
    /// cut off. Completes when none is left. Does nothing for an endpoint that is no relay.</summary>
    /// <param name="time">How long clients have.</param>
    /// <param name="cancellationToken">Ends the wait, not the drain.</param>
    public Task DrainRelayAsync(TimeSpan time, CancellationToken cancellationToken = default) => DrainRelayAsync(time, [], cancellationToken);

    /// <summary>As <see cref="DrainRelayAsync(TimeSpan, CancellationToken)"/>, and tells clients of relays where they may go.</summary>
    internal async Task DrainRelayAsync(TimeSpan time, IReadOnlyList<RelayInfo> others, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        var request = new DrainRequest(_loop, time, others);
        if (!_loop.TryPost(request)) { throw Overloaded(); }
        await request.Drained.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Interfaces or addresses have changed and were read anew. Raised on the endpoint's own thread: who hears it returns soon and does not throw.</summary>
    internal event EventHandler? NetworkRead
    {
        add => _loop.NetworkRead += value;
        remove => _loop.NetworkRead -= value;
    }

    /// <summary>Looks at what has changed of our records and publishes it; on the loop.</summary>
    internal void HandleTurn()
    {
        _presence?.HandleTurn();
        if (_options.Lookup is null || _loop.Core.RecordVersion == _publishedVersion) { return; }
        _publishedVersion = _loop.Core.RecordVersion;
        foreach (var identity in _identities)
        {
            if (identity.Record is not { } record || ReferenceEquals(record, identity.Published)) { continue; }
            identity.Published = record;
            Publish(record);
        }
    }

    /// <summary>Makes a record known, ours or a peer's, where the application said; on the loop.</summary>
    internal void Publish(AddressRecord record)
    {
        if (_options.Lookup is null) { return; }
        _publishing = PublishAfterAsync(_publishing, record);
    }

    // One after the other, so that an old record does not overtake a new one.
    private async Task PublishAfterAsync(Task previous, AddressRecord record)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        try
        {
            await _options.Lookup!.PublishAsync(record).ConfigureAwait(false);
        }
        catch (Exception exception) // the application's code: whatever it throws, the endpoint goes on
        {
            _loop.Logger.PublishFailed(record.Id, exception);
        }
    }

    private void StartPortMapping()
    {
        if (!_options.MapPorts) { return; }
        _portMapping = new(_options.PortMapping, _loop.Logger) { Changed = mappings => _loop.Post(new Mappings(_loop, mappings)) };
        _loop.NetworkRead += (_, _) => _portMapping.HandleNetworkChange();
        var port = LocalEndPoints[0].Port;
        _ = _portMapping.StartAsync(port, _options.UseTcp ? port : 0, CancellationToken.None); // begun when it returns
    }

    private sealed class Mappings(EndpointLoop loop, IReadOnlyList<PortMappingInfo> mappings) : ILoopItem
    {
        public void Run(TimeSpan now) => loop.Core.HandlePortMappings(
            [.. mappings.Where(mapping => mapping.Transport is MappedTransport.Udp).Select(mapping => mapping.External)], now);

        public void Refuse()
        {
        }
    }

    private sealed class DrainRequest(EndpointLoop loop, TimeSpan time, IReadOnlyList<RelayInfo> others) : LoopTimer, ILoopItem
    {
        private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

        private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Drained => _drained.Task;

        public void Run(TimeSpan now)
        {
            loop.Core.DrainRelay(now + time, others, now);
            Fire(now);
        }

        public override void Fire(TimeSpan now)
        {
            if (loop.Core.IsRelayDrained) { _drained.TrySetResult(); }
            else { loop.Timers.Set(this, now + Interval); }
        }

        public void Refuse() => _drained.TrySetResult();
    }
}
