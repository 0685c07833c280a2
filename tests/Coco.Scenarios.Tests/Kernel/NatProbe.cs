using Coco.Lab.Kernel;
using Coco.Lab.Nat;

namespace Coco.Scenarios.Tests.Kernel;

/// <summary>Four sockets of a server, two addresses by two ports, that tell what stands between them and a host.</summary>
internal sealed class NatProbe : IDisposable
{
    private readonly LabSocket[] _server; // address 0 port 0, address 0 port 1, address 1 port 0, address 1 port 1

    public NatProbe(KernelHost server)
    {
        var addresses = server.Addresses.Take(2).ToArray();
        var first = new LabSocket(server, local: new(addresses[0], 0));
        var second = new LabSocket(server, local: new(addresses[0], 0));
        _server = [first, second, new(server, local: new(addresses[1], first.Local.Port)), new(server, local: new(addresses[1], second.Local.Port))];
    }

    public LabSocket Main => _server[0];

    public async Task<NatBehaviour> ClassifyAsync(KernelHost host)
    {
        using var mapping = new LabSocket(host);
        var one = await mapping.ReachAsync(_server[0]);
        var otherPort = await mapping.ReachAsync(_server[1]);
        var otherAddress = await mapping.ReachAsync(_server[2]);
        var mapped = (one.Equals(otherPort), one.Equals(otherAddress)) switch
        {
            (true, true) => Dependence.EndpointIndependent,
            (true, false) => Dependence.AddressDependent,
            _ => Dependence.AddressAndPortDependent,
        };
        return new(mapped, one.Port == mapping.Local.Port, await FilteringAsync(host));
    }

    public void Dispose()
    {
        foreach (var socket in _server) { socket.Dispose(); }
    }

    private async Task<Dependence> FilteringAsync(KernelHost host)
    {
        using var socket = new LabSocket(host);
        var outer = await socket.ReachAsync(_server[0]);
        _server[3].Send(outer, "other address");
        _server[1].Send(outer, "other port");
        _server[0].Send(outer, "the same");

        var heard = new HashSet<string>(StringComparer.Ordinal);
        while (await socket.TryReceiveAsync(TimeSpan.FromMilliseconds(300)) is { } received) { heard.Add(received.Text); }

        Assert.Contains("the same", heard);
        if (heard.Contains("other address")) { return Dependence.EndpointIndependent; }
        return heard.Contains("other port") ? Dependence.AddressDependent : Dependence.AddressAndPortDependent;
    }
}
