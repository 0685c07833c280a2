namespace Coco.Tunnels;

/// <summary>Where programs of this machine reach a tunnel, by connections or by datagrams.</summary>
internal interface ILocalEnd : IAsyncDisposable
{
    /// <summary>The address, with the port that the system chose.</summary>
    public TunnelEnd End { get; }

    public TunnelStatistics Statistics { get; }

    public CocoException? LastFailure { get; }
}
