namespace Coco.Transport.Udp;

/// <summary>What became of a send. None of these is a reason to give up the socket.</summary>
internal enum SendResult
{
    Ok,

    /// <summary>The socket's buffer is full: wait until it is writable, then send the rest.</summary>
    WouldBlock,

    /// <summary>A packet is larger than the interface allows and fragmentation is off (that is what an MTU probe asks).</summary>
    TooBig,

    /// <summary>Nothing was sent: no route, refused by a firewall, or no memory. To a protocol it is a lost packet.</summary>
    Error,
}
