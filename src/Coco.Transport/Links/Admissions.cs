using System.Net;
using Coco.Traversal;

namespace Coco.Transport.Links;

/// <summary>Counts accepted links, so that strangers cannot fill the table or keep others out.</summary>
internal sealed class Admissions(LinkOptions options)
{
    private readonly Lock _gate = new(); // guards the counts; nothing is called while it is held
    private readonly Dictionary<NetworkAddress, int> _unauthenticatedFrom = [];
    private int _accepted;
    private int _unauthenticated;

    /// <summary>Connections turned away.</summary>
    public long Rejected { get; private set; }

    /// <summary>A place for a connection, or null when one of the limits is reached.</summary>
    public Admission? TryAdmit(IPEndPoint remote)
    {
        var key = KeyOf(remote);
        lock (_gate)
        {
            var same = _unauthenticatedFrom.GetValueOrDefault(key);
            if (_accepted >= options.MaxAccepted || _unauthenticated >= options.MaxUnauthenticated || same >= options.MaxUnauthenticatedPerAddress)
            {
                Rejected++;
                return null;
            }
            _accepted++;
            _unauthenticated++;
            _unauthenticatedFrom[key] = same + 1;
        }
        return new(this, key);
    }

    internal void Authenticated(in NetworkAddress key)
    {
        lock (_gate)
        {
            _unauthenticated--;
            if (_unauthenticatedFrom[key] == 1) { _unauthenticatedFrom.Remove(key); }
            else { _unauthenticatedFrom[key]--; }
        }
    }

    internal void Left()
    {
        lock (_gate) { _accepted--; }
    }

    // Whoever has an IPv6 address usually has its whole /64.
    private static NetworkAddress KeyOf(IPEndPoint remote)
    {
        var address = LinkEndPoint.ToAddress(remote);
        if (address.IsIpv4) { return address.WithPort(0); }
        Span<byte> bytes = stackalloc byte[16];
        address.WriteIpv6(bytes);
        bytes[8..].Clear();
        return NetworkAddress.FromIpv6(bytes, port: 0);
    }
}
