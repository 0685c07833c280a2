using System.Text;
using Coco.Crypto;
using Coco.Traversal.PortMapping;
using Coco.Traversal.PortMapping.Pcp;

namespace Coco.Traversal.Tests.PortMapping;

/// <summary>A mapper and a router, a millisecond apart, in virtual time.</summary>
internal sealed class MapperDrive
{
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(1);

    private readonly PriorityQueue<Action, (TimeSpan, int)> _events = new();
    private int _order;

    public MapperDrive(FakeRouter router, PortMapperOptions? options = null, params ReadOnlySpan<WantedMapping> wanted)
    {
        Router = router;
        Mapper = new(wanted.IsEmpty ? [new(MappedTransport.Udp, 6000)] : wanted.ToArray(), options ?? new(), new SeededRandomSource(1));
        Mapper.HandleGateways([FakeRouter.Gateway], Now);
        Collect();
    }

    public FakeRouter Router { get; }

    public PortMapper Mapper { get; }

    public TimeSpan Now { get; private set; }

    /// <summary>Datagrams that never reach the router.</summary>
    public Func<MapperTransmit, bool> Loses { get; set; } = _ => false;

    public List<(TimeSpan At, MapperTransmit Transmit)> Sent { get; } = [];

    public List<(TimeSpan At, MapperRequest Request)> Requests { get; } = [];

    public IEnumerable<TimeSpan> SentAt(byte version) =>
        Sent.Where(one => one.Transmit.Remote.Port == PcpRequest.ServerPort && one.Transmit.Payload[0] == version).Select(one => one.At);

    public PortMappingInfo Mapping => Assert.Single(Mapper.Mappings);

    public void RunFor(TimeSpan time)
    {
        var end = Now + time;
        var turns = 0;
        while (true)
        {
            Assert.True(++turns < 100_000, "The mapper does not come to rest.");
            var hasEvent = _events.TryPeek(out _, out var next);
            var due = Mapper.Deadline is { } deadline && (!hasEvent || deadline < next.Item1) ? deadline : hasEvent ? next.Item1 : TimeSpan.MaxValue;
            if (due > end) { break; }
            Now = due > Now ? due : Now;
            if (hasEvent && next.Item1 <= Now) { _events.Dequeue()(); }
            else { Mapper.HandleTimeout(Now); }
            Collect();
        }
        Now = end;
    }

    /// <summary>Hands in a datagram, from the router's server unless said otherwise.</summary>
    public void Receive(byte[] datagram, NetworkAddress? source = null)
    {
        Mapper.HandleDatagram(FakeRouter.Client, source ?? FakeRouter.Address.WithPort(PcpRequest.ServerPort), datagram, Now);
        Collect();
    }

    /// <summary>The network has changed, and the router has the same address.</summary>
    public void ChangeNetwork()
    {
        Mapper.HandleGateways([FakeRouter.Gateway], Now);
        Collect();
    }

    public void Stop()
    {
        Mapper.Stop(Now);
        Collect();
    }

    private void Collect()
    {
        while (Mapper.TryTakeTransmit(out var transmit))
        {
            Sent.Add((Now, transmit));
            if (Loses(transmit)) { continue; }
            At(Latency, () =>
            {
                if (Router.Answer(transmit, Now) is not { } answer) { return; }
                var source = FakeRouter.Address.WithPort(transmit.Remote.Port);
                At(Latency, () => Mapper.HandleDatagram(FakeRouter.Client, source, answer, Now));
            });
        }
        while (Mapper.TryTakeRequest(out var request))
        {
            Requests.Add((Now, request!));
            At(2 * Latency, () =>
            {
                var (status, body) = Router.Answer(request!, Now);
                Mapper.HandleResponse(request!.Number, status, Encoding.UTF8.GetBytes(body), Now);
            });
        }
    }

    private void At(TimeSpan delay, Action action) => _events.Enqueue(action, (Now + delay, _order++));
}
