using Coco.Lab.Nat;
using Coco.Lab.Simulated;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Classifies the NAT before a host with two servers of two ports each (RFC 5780 §4.3, §4.4), as the kernel laboratory does.</summary>
internal static class NatProbe
{
    public static NatBehaviour Classify(SimulatedInternet internet, SimulatedHost host)
    {
        var one = internet.AddHost("probe 1", "198.51.100.10");
        var two = internet.AddHost("probe 2", "198.51.100.11");
        TestSocket[] servers = [new(one, 3478), new(one, 3479), new(two, 3478), new(two, 3479)];

        var socket = new TestSocket(host);
        var seen = servers.Select(socket.SeenBy).ToArray();
        var mapping = (seen[0] == seen[1], seen[0] == seen[2]) switch
        {
            (true, true) => Dependence.EndpointIndependent,
            (true, false) => Dependence.AddressDependent,
            _ => Dependence.AddressAndPortDependent,
        };
        return new(mapping, seen[0].Port == socket.Local.Port, FilteringOf(host, servers));
    }

    private static Dependence FilteringOf(SimulatedHost host, TestSocket[] servers)
    {
        // A socket of its own: the one above has opened its filter to all four.
        var socket = new TestSocket(host);
        var outer = socket.SeenBy(servers[0]);
        Assert.True(servers[0].Reaches(socket, outer), "not even the answer arrives");
        if (servers[3].Reaches(socket, outer)) { return Dependence.EndpointIndependent; }
        return servers[1].Reaches(socket, outer) ? Dependence.AddressDependent : Dependence.AddressAndPortDependent;
    }
}
