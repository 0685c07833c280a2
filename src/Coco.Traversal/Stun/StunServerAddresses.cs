namespace Coco.Traversal.Stun;

/// <summary>Where a request was received, and from where else it can be answered.</summary>
/// <param name="ReceivedOn">Our address that the request was sent to; unspecified when the host cannot tell.</param>
/// <param name="Other">
/// The other port, the other address, or the other port of the other address (RFC 5780 §6.1), seen from <paramref name="ReceivedOn"/>.
/// The default for a server with one socket.
/// </param>
internal readonly record struct StunServerAddresses(NetworkAddress ReceivedOn, NetworkAddress Other = default)
{
    /// <summary>Which changes can be had.</summary>
    public StunChange Available =>
        !Other.IsSendable || Other.IsIpv4 != ReceivedOn.IsIpv4 ? StunChange.None
        : (Other.HasSameHost(ReceivedOn) ? StunChange.None : StunChange.Address) | (Other.Port == ReceivedOn.Port ? StunChange.None : StunChange.Port);

    /// <summary>The address an answer is sent from.</summary>
    public NetworkAddress From(StunChange change)
    {
        var host = (change & StunChange.Address) != 0 ? Other : ReceivedOn;
        return host.WithPort(((change & StunChange.Port) != 0 ? Other : ReceivedOn).Port);
    }
}
