namespace Coco.Transport.Tests.Endpoints;

/// <summary>How a call of a soak goes; the last two are made by an endpoint that lives for one call.</summary>
public enum SoakCall
{
    Udp,
    Tcp,
    Relay,
    RelayWebSocket,
    RelayOnce,
    RelayWebSocketOnce,
}
