namespace Coco.Traversal.Relays;

/// <summary>Types of messages between a client and its relay. Unknown ones are skipped.</summary>
internal enum RelayMessageType : ulong
{
    // Client to relay.
    Register = 0x01,
    Publish = 0x02,
    Resolve = 0x03,
    Open = 0x04,
    Close = 0x05,

    // Relay to client.
    Registered = 0x10,
    Record = 0x11,
    Opened = 0x12,
    Refused = 0x13,
    Incoming = 0x14,
    Closed = 0x15,
    Draining = 0x16,
    Superseded = 0x17,
}
