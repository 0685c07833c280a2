using System.Net;
using System.Net.Sockets;
using Coco.Crypto;
using Coco.Interop.Tests.Processes;
using Coco.Traversal;
using Coco.Traversal.Links;
using Coco.Traversal.Stun;

namespace Coco.Interop.Tests.Stun;

/// <summary>Our prober on two sockets inside the lab, driven by the test's own thread.</summary>
internal sealed class ProbingHost : IDisposable
{
    private readonly Socket[] _sockets;
    private readonly NetworkSnapshot _snapshot;

    public ProbingHost(StunLab lab)
    {
        _sockets = [StunLab.Bind(lab.Inside, lab.InsideAddress), StunLab.Bind(lab.Inside, lab.InsideAddress)];
        _snapshot = new([Local(0)], [new(Address($"{lab.InsideAddress}:0"), 24, 2, "eth0", HasDefaultRoute: true)]);
    }

    // The lab is near: silence is certain sooner than on the internet.
    public NatProber Prober { get; } = new(
        new() { Client = new() { Rto = TimeSpan.FromMilliseconds(150), MaxRequests = 4, LastWaitFactor = 2 } }, RandomSource.System);

    public static NetworkAddress Address(string text)
    {
        Assert.True(NetworkAddress.TryParse(text, out var address));
        return address;
    }

    /// <summary>Looks at the NAT until all is known.</summary>
    public NatReport Probe(params NetworkAddress[] observers)
    {
        Prober.UseSecondSocket(Local(1), StunClock.Now);
        Prober.SetObservers(observers, StunClock.Now);
        Prober.HandleNetwork(_snapshot, StunClock.Now);
        return RunUntil(report => report.IsComplete);
    }

    public NatReport RunUntil(Func<NatReport, bool> isSo)
    {
        NatReport? last = null;
        var (buffer, deadline) = (new byte[2048], Deadline.In(TimeSpan.FromSeconds(20)));
        while (last is null || !isSo(last))
        {
            Assert.False(deadline.IsOver, $"not in time; last known: {last}");
            while (Prober.TryTakeTransmit(buffer, StunClock.Now, out var transmit))
            {
                _sockets[transmit.Link.Number].SendTo(buffer.AsSpan(0, transmit.Length), SocketFlags.None, IPEndPoint.Parse(transmit.Link.Remote.ToString()));
            }
            var ready = _sockets.ToList();
            Socket.Select(ready, null, null, TimeSpan.FromMilliseconds(10));
            foreach (var socket in ready)
            {
                EndPoint from = new IPEndPoint(IPAddress.Any, 0);
                var length = socket.ReceiveFrom(buffer, ref from);
                Prober.HandleDatagram(new(LinkKind.Udp, Array.IndexOf(_sockets, socket), Address(from.ToString()!)), buffer.AsSpan(0, length), StunClock.Now);
            }
            Prober.HandleTimeout(StunClock.Now);
            while (Prober.TryTakeReport(out var report)) { last = report; }
        }
        return last;
    }

    public void Dispose()
    {
        foreach (var socket in _sockets) { socket.Dispose(); }
    }

    private LocalSocket Local(int number) => new(number, IsIpv4: true, IsIpv6: false, ((IPEndPoint)_sockets[number].LocalEndPoint!).Port);
}
