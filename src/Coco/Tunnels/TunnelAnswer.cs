namespace Coco.Tunnels;

/// <summary>How a stream of a tunnel's goes on. What is not known is read as <see cref="Bytes"/>, which is how releases before RTSP read all of them.</summary>
internal enum TunnelAnswer : byte
{
    /// <summary>As the request says.</summary>
    Bytes = 0,

    /// <summary>With RTSP (<see cref="Rtsp.RtspRelay"/>): whoever carries its media begins with a byte 0x01, which no message begins with, before the program's bytes.</summary>
    Rtsp = 1,
}
