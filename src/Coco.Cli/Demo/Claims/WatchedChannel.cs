using Coco.Transport.Udp;
using Coco.Traversal;

namespace Coco.Cli.Demo.Claims;

/// <summary>A socket behind somebody who looks at all that arrives, and lets it in or not.</summary>
internal sealed class WatchedChannel(UdpChannel socket, WatchedChannel.Guard admits) : UdpChannel(socket.Socket)
{
    /// <summary>Whether datagrams of one sender, back to back, are let in.</summary>
    public delegate bool Guard(in NetworkAddress sender, ReadOnlySpan<byte> data);

    public override bool Segments => socket.Segments;

    public override bool CarriesEcn => socket.CarriesEcn;

    public override bool TryReceive(Span<byte> buffer, out UdpReceived received)
    {
        while (socket.TryReceive(buffer, out received))
        {
            if (admits(received.Remote, buffer[..received.Length])) { return true; }
        }
        return false;
    }

    public override SendResult Send(in NetworkAddress remote, ReadOnlySpan<byte> data, int segmentSize, Ecn ecn, byte hopLimit, out int sent) =>
        socket.Send(remote, data, segmentSize, ecn, hopLimit, out sent);

    public override bool Wait(TimeSpan timeout, bool writable) => socket.Wait(timeout, writable);

    public override void Wake() => socket.Wake();

    protected override void Dispose(bool disposing)
    {
        if (disposing) { socket.Dispose(); }
    }
}
