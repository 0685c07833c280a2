using System.Net;
using System.Net.Sockets;

namespace Coco.Transport.Links;

/// <summary>Connects to a host by name: its addresses are tried in turn, IPv6 and IPv4 alternating, the next while the last has not
/// answered yet; the first that connects is taken (RFC 8305 §4, §5).</summary>
internal static class HostConnector
{
    private const int MaxAddresses = 8; // chosen: a name with more has no lack of ways

    private static readonly TimeSpan AttemptDelay = TimeSpan.FromMilliseconds(250); // RFC 8305 §5

    /// <exception cref="SocketException">No address, or the last attempt's reason.</exception>
    public static async Task<Socket> ConnectAsync(
        Func<AddressFamily, Socket> sockets, string host, int port, TimeProvider time, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
        if (addresses.Length == 0) { throw new SocketException((int)SocketError.HostNotFound); }

        using var lost = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new List<Task<Socket>>();
        var waiting = new Queue<IPAddress>(Alternate(addresses).Take(MaxAddresses));
        Task<Socket>? last = null;
        while (running.Count > 0 || waiting.Count > 0)
        {
            if (waiting.TryDequeue(out var address)) { running.Add(ConnectAsync(sockets, new IPEndPoint(address, port), lost.Token)); }
            var first = Task.WhenAny(running);
            if (waiting.Count > 0) { await Task.WhenAny(first, Task.Delay(AttemptDelay, time, lost.Token)).ConfigureAwait(false); }
            else { await first.ConfigureAwait(false); }
            if (!first.IsCompleted) { continue; }

            last = await first.ConfigureAwait(false);
            running.Remove(last);
            if (!last.IsCompletedSuccessfully) { continue; }
            await lost.CancelAsync().ConfigureAwait(false);
            foreach (var late in running) { await DropAsync(late).ConfigureAwait(false); }
            break;
        }
        return await last!.ConfigureAwait(false);
    }

    private static async Task<Socket> ConnectAsync(Func<AddressFamily, Socket> sockets, IPEndPoint remote, CancellationToken cancellationToken)
    {
        var socket = sockets(remote.AddressFamily);
        try
        {
            await socket.ConnectAsync(remote, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task DropAsync(Task<Socket> late)
    {
        try { (await late.ConfigureAwait(false)).Dispose(); }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException) { } // it lost the race
    }

    private static IEnumerable<IPAddress> Alternate(IPAddress[] addresses)
    {
        var ipv6 = addresses.Where(static address => address.AddressFamily is AddressFamily.InterNetworkV6).ToArray();
        var ipv4 = addresses.Where(static address => address.AddressFamily is AddressFamily.InterNetwork).ToArray();
        for (var i = 0; i < Math.Max(ipv6.Length, ipv4.Length); i++)
        {
            if (i < ipv6.Length) { yield return ipv6[i]; }
            if (i < ipv4.Length) { yield return ipv4[i]; }
        }
    }
}
