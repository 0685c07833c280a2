namespace Coco.Benchmarks.Tunnels;

/// <summary>A way from left to the web server on the right that is up.</summary>
internal interface IOpenTunnel : IDisposable
{
    /// <summary>Where the client on the left connects.</summary>
    public string Host { get; }

    /// <summary>Where the client on the left connects.</summary>
    public int Port { get; }

    /// <summary>Processor time of its programs so far.</summary>
    public (double Left, double Right) CpuSeconds { get; }
}
