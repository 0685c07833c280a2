using System.Net;
using System.Net.Sockets;
using Coco.Lab.Kernel;

namespace Coco.Scenarios.Tests.Kernel;

/// <summary>
/// Plain hole punching by raw sockets: both sides learn their outer addresses from one server, then send to each other's every 40 ms.
/// A datagram from somewhere else makes that a candidate too. It worked when both have heard the other and know that the other has.
/// </summary>
internal static class Punch
{
    private const int Rounds = 75; // of 40 ms, so 3 s: pairs that can meet need three

    public static async Task<bool> TryAsync(KernelHost server, KernelHost one, KernelHost other, AddressFamily family = AddressFamily.InterNetwork)
    {
        using var oneSocket = new LabSocket(one, family);
        using var otherSocket = new LabSocket(other, family);
        var oneOuter = await OuterAsync(server, one, oneSocket);
        var otherOuter = await OuterAsync(server, other, otherSocket);
        var met = await Task.WhenAll(MeetAsync(oneSocket, otherOuter), MeetAsync(otherSocket, oneOuter));
        return met[0] && met[1];
    }

    // Where no answer comes the inner address is the only one known.
    private static async Task<IPEndPoint> OuterAsync(KernelHost server, KernelHost host, LabSocket socket)
    {
        var isIpv4 = socket.Local.AddressFamily is AddressFamily.InterNetwork;
        using var observer = new LabSocket(server, local: new(isIpv4 ? server.Address : server.Ipv6Address, 0));
        socket.Send(observer.Local, "where");
        return await observer.TryReceiveAsync(TimeSpan.FromSeconds(1)) is { } seen
            ? seen.From
            : new(isIpv4 ? host.Address : host.Ipv6Address, socket.Local.Port);
    }

    private static async Task<bool> MeetAsync(LabSocket socket, IPEndPoint first)
    {
        var candidates = new List<IPEndPoint> { first };
        var (heard, isHeard, roundsToGo) = (false, false, Rounds);
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(40));
        while (roundsToGo-- > 0)
        {
            foreach (var candidate in candidates) { socket.Send(candidate, heard ? "heard you" : "here"); }

            await pulse.WaitForNextTickAsync();
            while (socket.TryTake(out var text, out var from))
            {
                if (!candidates.Contains(from)) { candidates.Add(from); }

                heard = true;
                if (text != "heard you" || isHeard) { continue; }

                // Three more, or the other side's filter may still be shut.
                isHeard = true;
                roundsToGo = Math.Min(roundsToGo, 3);
            }
        }

        return heard && isHeard;
    }
}
