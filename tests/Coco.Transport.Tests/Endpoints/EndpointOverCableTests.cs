using System.Security.Cryptography;
using Coco.Crypto;
using Coco.Lab;
using Coco.Lab.Kernel;

namespace Coco.Transport.Tests.Endpoints;

/// <summary>Endpoints whose sockets live in network namespaces, with a cable of MTU 1500 between.</summary>
public sealed class EndpointOverCableTests
{
    private static readonly TimeSpan Patience = EndpointPair.Patience;

    [Fact]
    public async Task Endpoints_in_two_namespaces_talk_over_the_cable_between()
    {
        using var lab = Lab();
        using var leftNetwork = new NamespaceNetwork(lab.Left);
        using var rightNetwork = new NamespaceNetwork(lab.Right);
        using var leftKey = IdentityKey.Generate();
        using var rightKey = IdentityKey.Generate();
        await using var left = await Endpoint.StartAsync(new() { Identities = [leftKey] }, leftNetwork);
        await using var right = await Endpoint.StartAsync(new() { Identities = [rightKey] }, rightNetwork);
        var data = RandomNumberGenerator.GetBytes(4 << 20);

        var hints = ConnectHints.At(new(lab.RightAddress, right.LocalEndPoints[0].Port));
        await using var connection = await left.ConnectAsync(right.Id, hints).WaitAsync(Patience);
        await using var accepted = await right.AcceptAsync().AsTask().WaitAsync(Patience);
        await using var stream = await connection.OpenStreamAsync(bidirectional: false);
        var sending = Task.Run(async () =>
        {
            await stream.WriteAsync(data);
            await stream.CompleteWritesAsync();
        });
        await using var received = await accepted.AcceptStreamAsync().AsTask().WaitAsync(Patience);
        using var copy = new MemoryStream();
        await received.CopyToAsync(copy).WaitAsync(Patience);

        await sending.WaitAsync(Patience);
        Assert.Equal(SHA256.HashData(data), SHA256.HashData(copy.ToArray()));
    }

    [Fact]
    public void A_namespaces_interfaces_are_read_from_inside()
    {
        using var lab = Lab();
        using var network = new NamespaceNetwork(lab.Left);

        var address = Assert.Single(network.GetInterfaces(), address => address.Address.IsIpv4);

        Assert.Equal((lab.LeftAddress.ToString(), 24, "eth0", false, 1500), (address.Address.HostText, address.PrefixLength, address.InterfaceName, address.HasDefaultRoute, address.Mtu));
    }

    private static VethPair Lab()
    {
        var reason = LabSupport.ReasonWithout("ip", "nsenter");
        Assert.False(reason is not null && LabSupport.MustRun, reason);
        Assert.SkipWhen(reason is not null, reason ?? "");
        return new();
    }
}
