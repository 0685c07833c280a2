using System.Net;

namespace Coco.Tunnels.Rtsp;

/// <summary>Ports that this end has for one medium: RTP's and, where it has its own, RTCP's. What comes there goes to the other end, and the other way round.</summary>
internal interface IMediaPorts : IDisposable
{
    /// <summary>The ports.</summary>
    public RtspPorts Own { get; }

    /// <summary>The flow of RTP; RTCP's is the next.</summary>
    public ulong Flow { get; }

    /// <summary>Says who is there: nothing is taken from others, and nothing sent before.</summary>
    /// <param name="address">Where.</param>
    /// <param name="remote">At which ports; null where that is told by what comes first from there.</param>
    public void Connect(IPAddress address, RtspPorts? remote);
}
